-- One row per stage interval in `lost`. It begins when the lapse window of a counted order ends
-- without a further counted order, and ends with the next one. These are the intervals of
-- fct_customer_stage_intervals, with the order before them.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with orders as (
    select
        source_system,
        order_id,
        customer_id,
        customer_order_number,
        net_amount,
        ordered_at,
        next_ordered_at,
        lapse_ends_at
    from {{ ref('int_orders_numbered') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
),

intervals as (
    select
        customer_id,
        source_system as last_order_source_system,
        order_id as last_order_id,
        customer_order_number as order_count_at_loss,
        ordered_at as last_order_at,
        lapse_ends_at as lost_at,
        next_ordered_at as returned_at
    from orders
    where
        lapse_ends_at < {{ as_of() }}
        and (next_ordered_at is null or next_ordered_at > lapse_ends_at)
),

values_at_stake as (
    select
        intervals.customer_id,
        intervals.lost_at,
        {{ money('sum(orders.net_amount)') }} as value_at_stake
    from intervals
    cross join {{ ref('int_thresholds') }} as thresholds
    inner join orders
        on intervals.customer_id = orders.customer_id
        and intervals.order_count_at_loss >= orders.customer_order_number
        and {{ days_after('intervals.last_order_at', '-thresholds.value_at_stake_days') }}
        < orders.ordered_at
    group by intervals.customer_id, intervals.lost_at
)

select
    intervals.customer_id,
    cast(row_number() over (
        partition by intervals.customer_id order by intervals.lost_at, intervals.order_count_at_loss
    ) as integer) as entry_number,
    intervals.last_order_source_system,
    intervals.last_order_id,
    cast(intervals.order_count_at_loss as integer) as order_count_at_loss,
    values_at_stake.value_at_stake,
    intervals.returned_at is null as is_current,
    intervals.last_order_at,
    intervals.lost_at,
    intervals.returned_at
from intervals
inner join values_at_stake
    on intervals.customer_id = values_at_stake.customer_id
    and intervals.lost_at = values_at_stake.lost_at
