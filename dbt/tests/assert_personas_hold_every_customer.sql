-- Over personas and stages, every lifecycle contains each customer once, with all their revenue. A
-- persona that the var `personas` does not name would be missing.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_personas'}}}) }}
with reported as (
    select
        lifecycle,
        sum(customer_count) as customer_count,
        sum(lifetime_net_revenue) as net_revenue
    from {{ ref('rpt_personas') }}
    group by lifecycle
),

customers as (
    select count(*) as customer_count, coalesce(sum(lifetime_net_revenue), 0) as net_revenue
    from {{ ref('dim_customers') }}
)

select reported.lifecycle, reported.customer_count, customers.customer_count as expected_count
from reported
cross join customers
where
    reported.customer_count <> customers.customer_count
    or reported.net_revenue <> customers.net_revenue
