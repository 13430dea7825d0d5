-- One row per counted order of an identified customer: its number, the next order, and when the
-- customer is lost if no other order follows. Uses only what was known at the time of the order.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with orders as (
    select
        source_system,
        order_id,
        customer_id,
        net_amount,
        ordered_at
    from {{ ref('int_orders_valued') }}
    where
        is_counted
        and customer_id is not null
        {{ only_affected('customer_id', 'int_affected_customers') }}
),

thresholds as (
    select
        loyal_window_days,
        lapse_gap_multiple,
        lapse_floor_days,
        lapse_ceiling_days,
        lapse_default_days,
        lapse_minimum_orders
    from {{ ref('int_thresholds') }}
),

numbered as (
    select
        source_system,
        order_id,
        customer_id,
        net_amount,
        ordered_at,
        row_number() over (
            partition by customer_id order by ordered_at, source_system, order_id
        ) as customer_order_number,
        min(ordered_at) over (partition by customer_id) as first_ordered_at,
        lag(ordered_at) over (
            partition by customer_id order by ordered_at, source_system, order_id
        ) as previous_ordered_at,
        lead(ordered_at) over (
            partition by customer_id order by ordered_at, source_system, order_id
        ) as next_ordered_at
    from orders
),

windowed as (
    select
        numbered.*,
        thresholds.loyal_window_days,
        cast(
            case
                when numbered.customer_order_number < greatest(thresholds.lapse_minimum_orders, 2)
                    then thresholds.lapse_default_days
                -- In whole ten-thousandths of the multiple: as doubles, 2.8 times 65 days is less
                -- than 182.
                else least(
                        greatest(
                            {{ whole_quotient(
                                'cast(thresholds.lapse_gap_multiple * 10000 as bigint) * '
                                ~ seconds_between('numbered.first_ordered_at', 'numbered.ordered_at'),
                                '864000000 * cast(numbered.customer_order_number - 1 as bigint)'
                            ) }},
                            thresholds.lapse_floor_days
                        ),
                        thresholds.lapse_ceiling_days
                    )
            end as integer
        ) as lapse_window_days
    from numbered
    cross join thresholds
)

select
    source_system,
    order_id,
    customer_id,
    net_amount,
    ordered_at,
    customer_order_number,
    previous_ordered_at,
    next_ordered_at,
    lapse_window_days,
    {{ days_after('ordered_at', 'lapse_window_days') }} as lapse_ends_at,
    {{ days_after('ordered_at', 'loyal_window_days') }} as leaves_loyalty_window_at
from windowed
