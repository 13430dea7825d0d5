-- One row per observed day: the customers known by its end, and the share of them who placed a
-- counted order on that day or later: the base rate of "bought after it".
with first_days as (
    select
        {{ date_of('totals.first_seen_at') }} as date_day,
        count(*) as customer_count,
        count(orders.first_order_at) as buyer_count
    from {{ ref('int_customer_activity_totals') }} as totals
    left join {{ ref('int_customer_order_totals') }} as orders
        on totals.customer_id = orders.customer_id
    group by {{ date_of('totals.first_seen_at') }}
),

last_days as (
    select {{ date_of('last_order_at') }} as date_day, count(*) as buyer_count
    from {{ ref('int_customer_order_totals') }}
    where counted_order_count > 0
    group by {{ date_of('last_order_at') }}
),

-- Buyers known so far, less those whose last order was earlier. Nobody orders before being known.
running as (
    select
        days.date_day,
        sum(coalesce(first_days.customer_count, 0)) over by_day as customer_count,
        sum(coalesce(first_days.buyer_count, 0)) over by_day
        - sum(coalesce(last_days.buyer_count, 0)) over by_day
        + coalesce(last_days.buyer_count, 0) as later_buyer_count
    from {{ ref('dim_dates') }} as days
    left join first_days
        on days.date_day = first_days.date_day
    left join last_days
        on days.date_day = last_days.date_day
    window by_day as (order by days.date_day rows unbounded preceding)
)

select
    date_day,
    cast(customer_count as integer) as customer_count,
    cast(later_buyer_count as integer) as later_buyer_count,
    {{ mean('later_buyer_count', 'customer_count') }} as later_buyer_share
from running
