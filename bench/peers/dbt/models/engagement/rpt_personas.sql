with mixes as (
    select
        persona, lifecycle, stage, count(*) as customer_count, count(*) filter (counted_order_count > 0) as buyer_count,
        sum(counted_order_count) as order_count, sum(lifetime_net_revenue) as net_revenue
    from {{ ref('int_beginnings') }} as beginnings
    inner join {{ ref('int_stages') }} as stages using (stage)
    inner join {{ ref('dim_customers') }} as dim_customers using (customer_id, persona)
    group by persona, lifecycle, stage
)
select
    persona, stages.lifecycle, stages.stage, stage_rank::integer as stage_rank,
    coalesce(customer_count, 0)::integer as customer_count,
    (coalesce(customer_count, 0) / sum(customer_count) over (partition by persona, stages.lifecycle))::decimal(18, 6)
        as customer_share,
    coalesce(buyer_count, 0)::integer as buyer_count, coalesce(order_count, 0)::integer as counted_order_count,
    coalesce(net_revenue, 0)::decimal(18, 2) as lifetime_net_revenue, 'EUR' as currency_code
from (
    select unnest(['business_buyer', 'enthusiast', 'bargain_hunter', 'occasional_buyer', 'researcher', 'browser']) as persona
) as personas
cross join {{ ref('int_stages') }} as stages
left join mixes using (persona, lifecycle, stage)
