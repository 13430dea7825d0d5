with days as (
    select customer_id, cast(ordered_at as date) as day, sum(net_amount) as amount
    from {{ ref('int_numbered') }} as numbered
    group by customer_id, day
),
spent as (
    select
        days.customer_id,
        count(*) as day_count,
        min(day) as first_day,
        max(day) as last_day,
        sum(amount) filter (amount > 0 and day > cast(first_order_at as date)) as repeat_amount,
        count(*) filter (amount > 0 and day > cast(first_order_at as date)) as paid_repeat_count
    from days
    inner join {{ ref('int_indicators') }} as indicators using (customer_id)
    group by days.customer_id
)
select
    customer_id,
    timestamp '{{ var("as_of") }}'::date as as_of,
    cast(day_count - 1 as integer) as frequency,
    cast(datediff('day', first_day, last_day) as integer) as recency,
    cast(datediff('day', first_day, timestamp '{{ var("as_of") }}'::date) - 1 as integer) as age,
    cast(repeat_amount / nullif(paid_repeat_count, 0) as decimal(18, 2)) as monetary_value,
    cast(coalesce(net_amount, 0) as decimal(18, 2)) as lifetime_net_revenue,
    cast(case when counted_order_count is null then 0 else margin end as decimal(18, 2)) as lifetime_margin,
    cast(null as double) as probability_alive,
    cast(null as double) as probability_active_12m,
    cast(null as double) as expected_orders_12m,
    cast(null as decimal(18, 2)) as predicted_revenue_12m,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_low,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_high,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_low_95,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_high_95,
    cast(null as decimal(18, 2)) as predicted_margin_12m,
    cast(null as date) as expected_next_order_date,
    cast(null as varchar) as model_id,
    case when counted_order_count is null then 'no_orders' else 'no_model' end as reason_code
from {{ ref('int_indicators') }} as indicators
left join spent using (customer_id)
