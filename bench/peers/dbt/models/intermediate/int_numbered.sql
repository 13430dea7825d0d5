select
    *,
    case
        when order_number < 3 then 180
        else least(greatest(
            floor(3 * (epoch(ordered_at) - epoch(first_ordered_at)) / (86400 * (order_number - 1))), 60
        ), 365)
    end::integer as lapse_window_days,
    ordered_at + to_days(lapse_window_days) as lapse_ends_at
from (
    select
        order_id,
        customer_id,
        ordered_at,
        net_amount,
        row_number() over (partition by customer_id order by ordered_at, order_id) as order_number,
        min(ordered_at) over (partition by customer_id) as first_ordered_at,
        lead(ordered_at) over (partition by customer_id order by ordered_at, order_id) as next_ordered_at
    from {{ ref('int_valued') }} as valued
    where is_counted
)
