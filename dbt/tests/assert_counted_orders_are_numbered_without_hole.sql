-- The counted orders of an identified customer are numbered 1 to n in the order of time, and no
-- other order has a number.
{{ config(
    meta={'dagster': {'ref': {'name': 'fct_orders'}}, 'shows': ['violation', 'order_count']},
    fail_calc='coalesce(sum(order_count), 0)',
) }}
with orders as (
    select
        customer_id,
        is_counted,
        customer_order_number,
        ordered_at,
        lag(customer_order_number, 1, 0) over (
            partition by customer_id, is_counted order by customer_order_number
        ) as number_before,
        lag(ordered_at) over (
            partition by customer_id, is_counted order by customer_order_number
        ) as ordered_at_before
    from {{ ref('fct_orders') }}
    where true {{ of_affected_customers('customer_id') }}
)

select
    case
        when customer_order_number is null then 'counts and has no number'
        when not (is_counted and customer_id is not null) then 'has a number and does not count'
        when customer_order_number <> number_before + 1 then 'hole or repetition'
        else 'not in the order of time'
    end as violation,
    count(*) as order_count
from orders
where
    (customer_order_number is not null) <> (is_counted and customer_id is not null)
    or (
        customer_order_number is not null
        and (customer_order_number <> number_before + 1 or ordered_at < ordered_at_before)
    )
group by 1
