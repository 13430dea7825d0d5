-- Grain: month of first purchase, months since. Every cohort has a row for every month up to the
-- last day observed, even without a purchase. retention_rate is not additive across cohorts or
-- months.
with orders as (
    select
        customer_id,
        net_amount,
        ordered_at
    from {{ ref('int_orders_numbered') }}
),

cohorts as (
    select
        customer_id,
        {{ month_of('min(ordered_at)') }} as cohort_month
    from orders
    group by customer_id
),

months as (
    select distinct month_start_date as month from {{ ref('dim_dates') }}
),

sizes as (
    select cohort_month, count(*) as cohort_size
    from cohorts
    group by cohort_month
),

spine as (
    select
        sizes.cohort_month,
        sizes.cohort_size,
        months.month
    from sizes
    inner join months
        on sizes.cohort_month <= months.month
),

bought as (
    select
        cohorts.cohort_month,
        {{ month_of('orders.ordered_at') }} as month,
        count(distinct orders.customer_id) as active_customers,
        sum(orders.net_amount) as net_revenue
    from orders
    inner join cohorts
        on orders.customer_id = cohorts.customer_id
    group by cohorts.cohort_month, {{ month_of('orders.ordered_at') }}
),

retained as (
    select
        spine.cohort_month,
        cast({{ dbt.datediff('spine.cohort_month', 'spine.month', 'month') }} as integer)
            as months_since_first_order,
        spine.cohort_size,
        coalesce(bought.active_customers, 0) as active_customers,
        coalesce(bought.net_revenue, 0) as net_revenue
    from spine
    left join bought
        on spine.cohort_month = bought.cohort_month
        and spine.month = bought.month
)

select
    cohort_month,
    months_since_first_order,
    cast(cohort_size as integer) as cohort_size,
    cast(active_customers as integer) as active_customers,
    cast(active_customers as double) / cohort_size as retention_rate,
    {{ money('net_revenue') }} as net_revenue,
    {{ money("sum(net_revenue) over (
        partition by cohort_month order by months_since_first_order
        rows between unbounded preceding and current row
    )") }} as cumulative_net_revenue
from retained
