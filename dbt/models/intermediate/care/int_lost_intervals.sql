-- One row per stay of a customer in `lost`: it begins when the lapse window of an order that counts ends
-- without another one, and lasts until the next. The stays of fct_customer_stage_intervals, with the order
-- behind them.
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

stays as (
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
        stays.customer_id,
        stays.lost_at,
        {{ money('sum(orders.net_amount)') }} as value_at_stake
    from stays
    cross join {{ ref('int_thresholds') }} as thresholds
    inner join orders
        on stays.customer_id = orders.customer_id
        and stays.order_count_at_loss >= orders.customer_order_number
        and orders.ordered_at > {{ days_after('stays.last_order_at', '-thresholds.value_at_stake_days') }}
    group by stays.customer_id, stays.lost_at
)

select
    stays.customer_id,
    cast(row_number() over (
        partition by stays.customer_id order by stays.lost_at, stays.order_count_at_loss
    ) as integer) as entry_number,
    stays.last_order_source_system,
    stays.last_order_id,
    cast(stays.order_count_at_loss as integer) as order_count_at_loss,
    values_at_stake.value_at_stake,
    stays.returned_at is null as is_current,
    stays.last_order_at,
    stays.lost_at,
    stays.returned_at
from stays
inner join values_at_stake
    on stays.customer_id = values_at_stake.customer_id
    and stays.lost_at = values_at_stake.lost_at
