-- One row per customer, lifecycle and stage they were ever in: when first, and what followed. From any later
-- entry into a stage of a higher rank follows progress; the stage of loss is none.
with transitions as (
    select
        customer_id,
        lifecycle,
        from_stage,
        to_stage,
        direction,
        transitioned_at
    from {{ ref('fct_customer_stage_transitions') }}
),

first_touches as (
    select
        customer_id,
        lifecycle,
        min(transitioned_at) as first_touched_at
    from transitions
    group by customer_id, lifecycle
),

left_stages as (
    select
        customer_id,
        lifecycle,
        from_stage as stage,
        max(case when direction = 'regressed' then 1 else 0 end) as has_regressed,
        max(case when direction = 'lost' then 1 else 0 end) as was_lost
    from transitions
    where from_stage is not null
    group by customer_id, lifecycle, from_stage
),

reached as (
    select
        transitions.customer_id,
        transitions.lifecycle,
        transitions.to_stage as stage,
        stages.rank,
        stages.is_loss,
        min(transitions.transitioned_at) as first_entered_at,
        max(transitions.transitioned_at) as last_entered_at
    from transitions
    inner join {{ ref('dim_lifecycle_stages') }} as stages
        on transitions.lifecycle = stages.lifecycle
        and transitions.to_stage = stages.stage
    group by
        transitions.customer_id, transitions.lifecycle, transitions.to_stage, stages.rank, stages.is_loss
),

progressed as (
    select
        reached.customer_id,
        reached.lifecycle,
        reached.stage,
        max(case when further.last_entered_at > reached.first_entered_at then 1 else 0 end) as has_converted
    from reached
    inner join reached as further
        on reached.customer_id = further.customer_id
        and reached.lifecycle = further.lifecycle
        and reached.rank < further.rank
    where not further.is_loss
    group by reached.customer_id, reached.lifecycle, reached.stage
)

select
    reached.customer_id,
    reached.lifecycle,
    reached.stage,
    reached.rank,
    reached.is_loss,
    coalesce(progressed.has_converted, 0) = 1 as has_converted,
    coalesce(left_stages.has_regressed, 0) = 1 as has_regressed,
    coalesce(left_stages.was_lost, 0) = 1 as was_lost,
    cast(floor(
        {{ seconds_between('first_touches.first_touched_at', 'reached.first_entered_at') }} / 86400
    ) as integer) as days_to_reach,
    {{ month_of('first_touches.first_touched_at') }} as cohort_month,
    reached.first_entered_at
from reached
inner join first_touches
    on reached.customer_id = first_touches.customer_id
    and reached.lifecycle = first_touches.lifecycle
left join progressed
    on reached.customer_id = progressed.customer_id
    and reached.lifecycle = progressed.lifecycle
    and reached.stage = progressed.stage
left join left_stages
    on reached.customer_id = left_stages.customer_id
    and reached.lifecycle = left_stages.lifecycle
    and reached.stage = left_stages.stage
