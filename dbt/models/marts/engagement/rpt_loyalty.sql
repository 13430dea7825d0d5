-- Grain: month, tier of the loyalty programme; `none` stands for everyone who was no member at the
-- time. Points, orders and revenue are additive over months. Balance and members are as of the
-- month's end and are not.
with ledger as (
    select * from {{ ref('int_loyalty_ledger') }}
),

tiers as (
    select tier from ledger
    union
    select 'none' as tier
),

flows as (
    select
        {{ month_of('occurred_at') }} as month,
        tier,
        {%- for kind in ['earn', 'redeem', 'expire', 'adjust'] %}
        sum(case when kind = '{{ kind }}' then points else 0 end) as {{ kind }}_points
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from ledger
    group by {{ month_of('occurred_at') }}, tier
),

-- Each entry removes the member and the old balance from the old tier and adds them to the new one.
moves as (
    select
        {{ month_of('occurred_at') }} as month,
        tier,
        balance as points,
        case when customer_id is null then 0 else 1 end as members
    from ledger
    union all
    select
        {{ month_of('occurred_at') }} as month,
        previous_tier as tier,
        -previous_balance as points,
        case when customer_id is null then 0 else -1 end as members
    from ledger
    where previous_tier is not null
),

moved as (
    select month, tier, sum(points) as points, sum(members) as members
    from moves
    group by month, tier
),

ordered as (
    select
        {{ month_of('orders.ordered_at') }} as month,
        coalesce(ledger.tier, 'none') as tier,
        count(*) as order_count,
        count(distinct orders.customer_id) as ordering_customer_count,
        sum(orders.net_amount) as net_revenue,
        sum(case when loyal.customer_id is null then 0 else 1 end) as loyal_order_count,
        count(distinct loyal.customer_id) as loyal_customer_count,
        sum(case when loyal.customer_id is null then 0 else orders.net_amount end)
            as loyal_net_revenue
    from {{ ref('int_orders_valued') }} as orders
    left join ledger
        on orders.customer_id = ledger.customer_id
        and orders.ordered_at >= ledger.occurred_at
        and orders.ordered_at < coalesce(ledger.valid_to, {{ never() }})
    left join {{ ref('fct_customer_stage_intervals') }} as loyal
        on orders.customer_id = loyal.customer_id
        and loyal.lifecycle = 'relationship'
        and loyal.stage = 'loyal'
        and orders.ordered_at >= loyal.valid_from
        and orders.ordered_at < coalesce(loyal.valid_to, {{ never() }})
    where orders.is_counted
    group by {{ month_of('orders.ordered_at') }}, coalesce(ledger.tier, 'none')
),

taken as (
    select
        {{ month_of('interactions.occurred_at') }} as month,
        coalesce(ledger.tier, 'none') as tier,
        count(*) as offer_taken_count
    from {{ ref('int_interactions_resolved') }} as interactions
    left join ledger
        on interactions.customer_id = ledger.customer_id
        and interactions.occurred_at >= ledger.occurred_at
        and interactions.occurred_at < coalesce(ledger.valid_to, {{ never() }})
    where interactions.kind = 'offer_taken'
    group by {{ month_of('interactions.occurred_at') }}, coalesce(ledger.tier, 'none')
),

-- Includes months before the first customer with points or offers of unidentified members.
months as (
    select month_start_date as month from {{ ref('dim_dates') }}
    union
    select month from moved
    union
    select month from taken
)

select
    months.month,
    tiers.tier,
    {{ quantity('coalesce(flows.earn_points, 0)') }} as earned_points,
    {{ quantity('-coalesce(flows.redeem_points, 0)') }} as redeemed_points,
    {{ quantity('-coalesce(flows.expire_points, 0)') }} as expired_points,
    {{ quantity('coalesce(flows.adjust_points, 0)') }} as adjusted_points,
    {{ quantity("sum(coalesce(moved.points, 0)) over (
        partition by tiers.tier
        order by months.month rows between unbounded preceding and current row
    )") }} as points_balance,
    cast(sum(coalesce(moved.members, 0)) over (
        partition by tiers.tier
        order by months.month rows between unbounded preceding and current row
    ) as integer) as member_count,
    cast(coalesce(ordered.ordering_customer_count, 0) as integer) as ordering_customer_count,
    cast(coalesce(ordered.order_count, 0) as integer) as order_count,
    {{ money('coalesce(ordered.net_revenue, 0)') }} as net_revenue,
    cast(coalesce(ordered.loyal_customer_count, 0) as integer) as loyal_customer_count,
    cast(coalesce(ordered.loyal_order_count, 0) as integer) as loyal_order_count,
    {{ money('coalesce(ordered.loyal_net_revenue, 0)') }} as loyal_net_revenue,
    cast(coalesce(taken.offer_taken_count, 0) as integer) as offer_taken_count,
    reporting.currency_code
from months
cross join tiers
cross join {{ ref('int_reporting_currency') }} as reporting
left join flows on months.month = flows.month and tiers.tier = flows.tier
left join moved on months.month = moved.month and tiers.tier = moved.tier
left join ordered on months.month = ordered.month and tiers.tier = ordered.tier
left join taken on months.month = taken.month and tiers.tier = taken.tier
