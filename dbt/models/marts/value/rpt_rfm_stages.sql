-- Grain: RFM segment, relationship stage. Additive: each buyer is in one segment and one stage.
with buyers as (
    select
        rfm.segment,
        customers.relationship_stage,
        rfm.net_revenue
    from {{ ref('fct_customer_rfm') }} as rfm
    inner join {{ ref('dim_customers') }} as customers
        on rfm.customer_id = customers.customer_id
    where rfm.segment is not null
),

counted as (
    select
        segment,
        relationship_stage,
        count(*) as customer_count,
        sum(net_revenue) as net_revenue
    from buyers
    group by segment, relationship_stage
),

compared as (
    select
        segment,
        relationship_stage,
        customer_count,
        net_revenue,
        sum(customer_count) over (partition by segment) as segment_count,
        sum(customer_count) over (partition by relationship_stage) as stage_count
    from counted
)

select
    compared.segment,
    compared.relationship_stage,
    cast(compared.customer_count as integer) as customer_count,
    {{ mean('compared.customer_count', 'compared.segment_count') }} as segment_share,
    {{ mean('compared.customer_count', 'compared.stage_count') }} as stage_share,
    {{ money('compared.net_revenue') }} as net_revenue,
    reporting.currency_code
from compared
cross join {{ ref('int_reporting_currency') }} as reporting
