-- One row per customer, lifecycle and stage that the customer was ever in: the first entry, and
-- what followed. Any later entry into a stage of a higher rank is progress; the stage of loss is
-- not. One row of each customer and lifecycle is marked first, so that customers can be counted.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with transitions as (
    select
        customer_id,
        lifecycle,
        from_stage,
        to_stage,
        direction,
        transitioned_at
    from {{ ref('fct_customer_stage_transitions') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
),

-- Entries come from transitions into a stage, and what followed from transitions out of it.
events as (
    select
        customer_id,
        lifecycle,
        to_stage as stage,
        transitioned_at as entered_at,
        0 as has_regressed,
        0 as was_lost
    from transitions
    union all
    select
        customer_id,
        lifecycle,
        from_stage as stage,
        cast(null as timestamp) as entered_at,
        case when direction = 'regressed' then 1 else 0 end as has_regressed,
        case when direction = 'lost' then 1 else 0 end as was_lost
    from transitions
    where from_stage is not null
),

reached as (
    select
        customer_id,
        lifecycle,
        stage,
        min(entered_at) as first_entered_at,
        max(entered_at) as last_entered_at,
        max(has_regressed) as has_regressed,
        max(was_lost) as was_lost
    from events
    group by customer_id, lifecycle, stage
),

followed as (
    select
        reached.*,
        stages.rank,
        stages.is_loss,
        min(reached.first_entered_at) over (partition by reached.customer_id, reached.lifecycle)
            as first_touched_at,
        max(case when stages.is_loss then 0 else stages.rank end) over (
            partition by reached.customer_id, reached.lifecycle
        ) as furthest_rank,
        max(case when not stages.is_loss then reached.last_entered_at end) over (
            partition by reached.customer_id, reached.lifecycle order by stages.rank
            rows between 1 following and unbounded following
        ) as further_entered_at
    from reached
    inner join {{ ref('dim_lifecycle_stages') }} as stages
        on reached.lifecycle = stages.lifecycle
        and reached.stage = stages.stage
)

select
    customer_id,
    lifecycle,
    stage,
    rank,
    is_loss,
    first_entered_at = first_touched_at as is_first,
    furthest_rank,
    coalesce(further_entered_at > first_entered_at, false) as has_converted,
    has_regressed = 1 as has_regressed,
    was_lost = 1 as was_lost,
    cast(floor({{ seconds_between('first_touched_at', 'first_entered_at') }} / 86400) as integer)
        as days_to_reach,
    {{ month_of('first_touched_at') }} as cohort_month,
    first_entered_at
from followed
