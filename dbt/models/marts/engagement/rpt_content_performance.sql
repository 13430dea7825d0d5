-- Grain: content item of a source system. A customer views several items, so only the columns that
-- say so are additive over items.
with views as (
    select source_system, interaction_id, customer_id, content_id, occurred_at
    from {{ ref('int_interactions_resolved') }}
    where
        content_id is not null
        and kind in ('content_view', 'knowledge_base_view')
),

viewers as (
    select source_system, content_id, customer_id, min(occurred_at) as first_viewed_at
    from views
    where customer_id is not null
    group by source_system, content_id, customer_id
),

buyers as (
    select customer_id, first_order_at, last_order_at
    from {{ ref('int_customer_order_totals') }}
    where counted_order_count > 0
),

buyer_totals as (
    select count(*) as buyer_count from buyers
),

customer_totals as (
    select count(*) as customer_count from {{ ref('int_customer_activity_totals') }}
),

audiences as (
    select
        viewers.source_system,
        viewers.content_id,
        count(*) as viewer_count,
        sum(case when buyers.last_order_at >= viewers.first_viewed_at then 1 else 0 end)
            as later_buyer_count,
        sum(case when buyers.first_order_at >= viewers.first_viewed_at then 1 else 0 end)
            as new_buyer_count,
        -- Millionths, so that the sum does not depend on the order of rows.
        sum(cast(base_rates.later_buyer_share * 1000000 as bigint)) as base_share_millionths
    from viewers
    left join buyers
        on viewers.customer_id = buyers.customer_id
    left join {{ ref('int_later_buyers_daily') }} as base_rates
        on {{ date_of('viewers.first_viewed_at') }} = base_rates.date_day
    group by viewers.source_system, viewers.content_id
),

-- The first and the last content item that a customer viewed before an order.
ways as (
    select
        views.source_system,
        views.content_id,
        paths.net_amount,
        row_number() over (
            partition by paths.source_system, paths.order_id
            order by views.occurred_at, views.source_system, views.interaction_id
        ) as views_before,
        row_number() over (
            partition by paths.source_system, paths.order_id
            order by views.occurred_at desc, views.source_system desc, views.interaction_id desc
        ) as views_after
    from {{ ref('int_order_paths') }} as paths
    inner join views
        on paths.customer_id = views.customer_id
        and paths.ordered_at >= views.occurred_at
        and paths.path_starts_at <= views.occurred_at
        and coalesce(paths.previous_ordered_at, {{ always() }}) < views.occurred_at
),

credits as (
    select
        source_system,
        content_id,
        sum(case when views_before = 1 then 1 else 0 end) as first_touch_order_count,
        sum(case when views_before = 1 then net_amount else 0 end) as first_touch_net_revenue,
        sum(case when views_after = 1 then 1 else 0 end) as last_touch_order_count,
        sum(case when views_after = 1 then net_amount else 0 end) as last_touch_net_revenue
    from ways
    group by source_system, content_id
),

totals as (
    select
        source_system,
        content_id,
        count(*) as view_count,
        min(occurred_at) as first_viewed_at,
        max(occurred_at) as last_viewed_at
    from views
    group by source_system, content_id
)

select
    totals.content_id,
    totals.source_system,
    cast(totals.view_count as integer) as view_count,
    cast(coalesce(audiences.viewer_count, 0) as integer) as viewer_count,
    cast(coalesce(audiences.later_buyer_count, 0) as integer) as later_buyer_count,
    {{ mean('audiences.later_buyer_count', 'audiences.viewer_count') }} as later_buyer_share,
    {{ mean(
        'cast(audiences.base_share_millionths as bigint) * 0.000001', 'audiences.viewer_count'
    ) }}
        as later_buyer_base_share,
    cast(coalesce(audiences.new_buyer_count, 0) as integer) as new_buyer_count,
    {{ mean('coalesce(audiences.new_buyer_count, 0)', 'buyer_totals.buyer_count') }}
        as new_buyer_reach,
    {{ mean('coalesce(audiences.viewer_count, 0)', 'customer_totals.customer_count') }}
        as customer_reach,
    cast(coalesce(credits.first_touch_order_count, 0) as integer) as first_touch_order_count,
    {{ money('coalesce(credits.first_touch_net_revenue, 0)') }} as first_touch_net_revenue,
    cast(coalesce(credits.last_touch_order_count, 0) as integer) as last_touch_order_count,
    {{ money('coalesce(credits.last_touch_net_revenue, 0)') }} as last_touch_net_revenue,
    reporting.currency_code,
    totals.first_viewed_at,
    totals.last_viewed_at
from totals
cross join buyer_totals
cross join customer_totals
cross join {{ ref('int_reporting_currency') }} as reporting
left join audiences
    on totals.source_system = audiences.source_system
    and totals.content_id = audiences.content_id
left join credits
    on totals.source_system = credits.source_system
    and totals.content_id = credits.content_id
