-- Grain: month of first purchase, months since. Every cohort has a row for every month up to the
-- last day observed, even without a purchase. retention_rate is not additive across cohorts or
-- months.
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
from {{ ref('int_cohort_months_counted') }}
