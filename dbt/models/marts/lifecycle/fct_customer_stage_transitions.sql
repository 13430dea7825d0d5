-- Grain: customer, lifecycle, change of stage. The first transition of a customer is the entry into
-- the lifecycle. Each transition begins an interval of fct_customer_stage_intervals and, except for
-- the first, ends another.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}

-- A Jinja block, not a CTE: two CTEs read it, and DuckDB would hold a CTE with two readers in
-- memory.
{%- set entries -%}
(
    select customer_id, lifecycle, entered_by, valid_from
    from {{ ref('int_customer_stage_intervals') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
)
{%- endset %}
with moves as (
    select
        customer_id,
        lifecycle,
        previous_stage as from_stage,
        stage as to_stage,
        entered_by,
        interval_number as transition_number,
        cast(floor({{ seconds_between('previous_from', 'valid_from') }} / 86400) as integer)
            as days_in_from_stage,
        valid_from as transitioned_at
    from {{ ref('int_customer_stage_intervals') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
),

stages as (
    select lifecycle, stage, rank, is_loss from {{ ref('dim_lifecycle_stages') }}
),

-- If time alone moved the customer, the evidence is the order whose window ended; if a checkout
-- ended, it is the checkout.
timed_records as (
    select
        customer_id,
        'lapse_window_ended' as activity,
        lapse_ends_at as occurred_at,
        source_system,
        'order_placed' as recorded_activity,
        order_id as subject_id
    from {{ ref('int_orders_numbered') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
    union all
    select
        customer_id,
        'loyalty_window_ended' as activity,
        leaves_loyalty_window_at as occurred_at,
        source_system,
        'order_placed' as recorded_activity,
        order_id as subject_id
    from {{ ref('int_orders_numbered') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
    union all
    select
        customer_id,
        'checkout_closed' as activity,
        closed_at as occurred_at,
        source_system,
        'checkout_started' as recorded_activity,
        checkout_id as subject_id
    from {{ ref('int_checkouts_opened') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
),

moved_by as (
    select
        entries.customer_id,
        entries.lifecycle,
        entries.valid_from,
        activities.activity_key
    from {{ entries }} as entries
    inner join {{ ref('int_customer_activities') }} as activities
        on entries.customer_id = activities.customer_id
        and entries.entered_by = activities.activity
        and entries.valid_from = activities.occurred_at
    where true {{ only_affected('activities.customer_id', 'int_affected_customers') }}
    union all
    select
        entries.customer_id,
        entries.lifecycle,
        entries.valid_from,
        {{ activity_key(
            'records.source_system', 'records.recorded_activity', 'records.subject_id'
        ) }} as activity_key
    from {{ entries }} as entries
    inner join timed_records as records
        on entries.customer_id = records.customer_id
        and entries.entered_by = records.activity
        and entries.valid_from = records.occurred_at
    where entries.entered_by in ('lapse_window_ended', 'loyalty_window_ended', 'checkout_closed')
),

-- Of several records of one kind at the same instant, take the one with the smallest key.
records as (
    select customer_id, lifecycle, valid_from, min(activity_key) as activity_key
    from moved_by
    group by customer_id, lifecycle, valid_from
),

ranked as (
    select
        moves.*,
        coalesce(from_stages.rank, 0) as from_rank,
        coalesce(from_stages.is_loss, false) as is_from_loss,
        to_stages.rank as to_rank,
        to_stages.is_loss as is_to_loss
    from moves
    left join stages as from_stages
        on moves.lifecycle = from_stages.lifecycle
        and moves.from_stage = from_stages.stage
    left join stages as to_stages
        on moves.lifecycle = to_stages.lifecycle
        and moves.to_stage = to_stages.stage
),

directed as (
    select
        *,
        case
            when from_stage is null then 'entered'
            when is_to_loss then 'lost'
            when is_from_loss then 'won_back'
            when to_rank < from_rank then 'regressed'
            when to_rank > from_rank + 1 then 'skipped'
            else 'forward'
        end as direction
    from ranked
)

select
    directed.customer_id,
    directed.lifecycle,
    directed.from_stage,
    directed.to_stage,
    directed.direction,
    directed.entered_by,
    records.activity_key as evidence_activity_key,
    directed.transition_number,
    cast(
        case
            when directed.direction in ('entered', 'skipped')
                then directed.to_rank - directed.from_rank - 1
            else 0
        end as integer
    ) as skipped_stage_count,
    directed.days_in_from_stage,
    directed.transitioned_at
from directed
left join records
    on directed.customer_id = records.customer_id
    and directed.lifecycle = records.lifecycle
    and directed.transitioned_at = records.valid_from
