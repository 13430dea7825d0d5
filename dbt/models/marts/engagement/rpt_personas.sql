-- Grain: persona, lifecycle, stage. Additive over the stages of one lifecycle. Each lifecycle
-- contains every customer.
with personas as (
    {%- for persona in var('personas') %}
    select '{{ persona.code }}' as persona
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

stages as (
    select lifecycle, stage, rank as stage_rank from {{ ref('dim_lifecycle_stages') }}
),

customers as (
    select
        customers.customer_id,
        customers.persona,
        customers.counted_order_count,
        customers.lifetime_net_revenue,
        stages.lifecycle,
        stages.stage
    from {{ ref('dim_customers') }} as customers
    inner join {{ ref('int_customer_current_stages') }} as stages
        on customers.customer_id = stages.customer_id
),

mixes as (
    select
        persona,
        lifecycle,
        stage,
        count(*) as customer_count,
        sum(case when counted_order_count > 0 then 1 else 0 end) as buyer_count,
        sum(counted_order_count) as order_count,
        sum(lifetime_net_revenue) as net_revenue
    from customers
    group by persona, lifecycle, stage
),

sizes as (
    select persona, lifecycle, sum(customer_count) as persona_customer_count
    from mixes
    group by persona, lifecycle
)

select
    personas.persona,
    stages.lifecycle,
    stages.stage,
    stages.stage_rank,
    cast(coalesce(mixes.customer_count, 0) as integer) as customer_count,
    {{ mean('coalesce(mixes.customer_count, 0)', 'sizes.persona_customer_count') }}
        as customer_share,
    cast(coalesce(mixes.buyer_count, 0) as integer) as buyer_count,
    cast(coalesce(mixes.order_count, 0) as integer) as counted_order_count,
    {{ money('coalesce(mixes.net_revenue, 0)') }} as lifetime_net_revenue,
    reporting.currency_code
from personas
cross join stages
cross join {{ ref('int_reporting_currency') }} as reporting
left join mixes
    on personas.persona = mixes.persona
    and stages.lifecycle = mixes.lifecycle
    and stages.stage = mixes.stage
left join sizes
    on personas.persona = sizes.persona
    and stages.lifecycle = sizes.lifecycle
