-- One row per month of first purchase and month up to the last day observed, also without a
-- purchase: customers who bought, and net revenue. Credit notes lower the revenue of their own
-- month, or of month 0 if they are older.
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

booked as (
    select
        customer_id,
        customer_id as buyer_id,
        {{ month_of('ordered_at') }} as month,
        net_amount
    from orders
    union all
    select
        customer_id,
        null as buyer_id,
        {{ month_of('refunded_at') }} as month,
        -items_amount as net_amount
    from {{ ref('int_refunds_valued') }}
    where order_id is null
),

bought as (
    select
        cohorts.cohort_month,
        greatest(booked.month, cohorts.cohort_month) as month,
        count(distinct booked.buyer_id) as active_customers,
        sum(booked.net_amount) as net_revenue
    from booked
    inner join cohorts
        on booked.customer_id = cohorts.customer_id
    group by cohorts.cohort_month, greatest(booked.month, cohorts.cohort_month)
)

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
