with cohorts as (
    select customer_id, cast(date_trunc('month', first_order_at) as date) as cohort_month
    from {{ ref('int_indicators') }} as indicators where first_order_at is not null
),
sizes as (
    select cohort_month, count(*) as cohort_size from cohorts group by cohort_month
),
bought_monthly as (
    select
        cohort_month,
        cast(date_trunc('month', ordered_at) as date) as month,
        count(distinct customer_id) as active_customers,
        sum(numbered.net_amount) as net_revenue
    from {{ ref('int_numbered') }} as numbered
    inner join cohorts using (customer_id)
    group by all
)
select
    sizes.cohort_month,
    cast(datediff('month', sizes.cohort_month, months.month) as integer) as months_since_first_order,
    cast(cohort_size as integer) as cohort_size,
    cast(coalesce(active_customers, 0) as integer) as active_customers,
    cast(coalesce(active_customers, 0) as double) / cohort_size as retention_rate,
    cast(coalesce(net_revenue, 0) as decimal(18, 2)) as net_revenue,
    cast(sum(coalesce(net_revenue, 0)) over (
        partition by sizes.cohort_month order by months.month
    ) as decimal(18, 2)) as cumulative_net_revenue
from sizes
inner join (select distinct month_start_date as month from {{ ref('dim_dates') }} as dim_dates) as months
    on months.month >= sizes.cohort_month
left join bought_monthly
    on sizes.cohort_month = bought_monthly.cohort_month and months.month = bought_monthly.month
