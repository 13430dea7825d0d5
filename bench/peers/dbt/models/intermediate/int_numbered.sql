select
    *,
    case
        when order_number < 3 then 180
        else least(greatest(
            floor(3 * (epoch(ordered_at) - epoch(first_ordered_at)) / (86400 * (order_number - 1))), 60
        ), 365)
    end::integer as lapse_window_days,
    ordered_at + to_days(lapse_window_days) as lapse_ends_at,
    -- Touches share in an order after the previous one and in its last 90 days.
    greatest(ordered_at - interval 90 day - interval 1 microsecond, previous_ordered_at) as touched_after
from (
    select
        order_id,
        customer_id,
        ordered_at,
        net_amount,
        discount_amount > 0 as is_discounted,
        row_number() over life as order_number,
        min(ordered_at) over (partition by customer_id) as first_ordered_at,
        lag(ordered_at) over life as previous_ordered_at,
        lead(ordered_at) over life as next_ordered_at
    from {{ ref('int_valued') }} as valued
    where is_counted
    window life as (partition by customer_id order by ordered_at, order_id)
)
