-- The cohorts together contain every buyer, start with a retention of 1, and sum to the net revenue
-- of identified customers.
{{ config(meta={'dagster': {'ref': {'name': 'fct_customer_cohorts_monthly'}}}) }}
with cohorts as (
    select
        cohort_month,
        months_since_first_order,
        cohort_size,
        retention_rate,
        net_revenue,
        cumulative_net_revenue,
        row_number() over (
            partition by cohort_month order by months_since_first_order desc
        ) as newness
    from {{ ref('fct_customer_cohorts_monthly') }}
),

totals as (
    select
        coalesce(sum(case when months_since_first_order = 0 then cohort_size end), 0)
            as buyer_count,
        coalesce(sum(net_revenue), 0) as net_amount,
        coalesce(sum(case when newness = 1 then cumulative_net_revenue end), 0)
            as cumulative_amount,
        coalesce(
            max(case when months_since_first_order = 0 and retention_rate <> 1 then 1 end), 0
        ) as has_incomplete_start
    from cohorts
),

buyers as (
    select customer_id, lifetime_net_revenue as net_amount
    from {{ ref('dim_customers') }}
    where counted_order_count > 0
),

orders as (
    select
        count(*) as buyer_count,
        coalesce(sum(net_amount), 0) as net_amount
    from buyers
)

select
    totals.buyer_count <> orders.buyer_count as has_other_buyer_count,
    totals.net_amount <> orders.net_amount as has_other_net_revenue,
    totals.cumulative_amount <> orders.net_amount as has_other_cumulative_revenue,
    totals.has_incomplete_start = 1 as has_incomplete_month_0
from totals
cross join orders
where
    totals.buyer_count <> orders.buyer_count
    or totals.net_amount <> orders.net_amount
    or totals.cumulative_amount <> orders.net_amount
    or totals.has_incomplete_start = 1
