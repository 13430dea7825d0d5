with views as (
    select
        content_id, coalesce(md5(contact_id), addresses.customer_id, md5(interactions.email)) as customer_id, occurred_at
    from {{ ref('stg_interactions') }} as interactions
    left join {{ ref('int_addresses') }} as addresses on case when interactions.contact_id is null then interactions.email end = addresses.email
    where occurred_at < timestamp '{{ var("as_of") }}' and kind in ('content_view', 'knowledge_base_view')
        and content_id is not null
),
audiences as (
    select
        content_id, count(*) as viewer_count, count(*) filter (last_order_at >= first_viewed_at) as later_buyer_count,
        count(*) filter (first_order_at >= first_viewed_at) as new_buyer_count
    from (
        select content_id, customer_id, min(occurred_at) as first_viewed_at from views
        where customer_id is not null group by content_id, customer_id
    )
    left join {{ ref('int_indicators') }} as indicators using (customer_id)
    group by content_id
),
ways as (
    select
        order_id, net_amount, min_by(content_id, occurred_at) as first_content, max_by(content_id, occurred_at) as last_content
    from {{ ref('int_numbered') }} as numbered
    inner join views
        on numbered.customer_id = views.customer_id and occurred_at > touched_after and occurred_at <= ordered_at
    group by order_id, net_amount
),
opened as (
    select first_content as content_id, count(*) as order_count, sum(net_amount) as net_revenue from ways group by all
),
closed as (
    select last_content as content_id, count(*) as order_count, sum(net_amount) as net_revenue from ways group by all
),
totals as (
    select
        content_id, count(*) as view_count, min(occurred_at) as first_viewed_at, max(occurred_at) as last_viewed_at
    from views
    group by content_id
)
select
    content_id, 'generic' as source_system, view_count::integer as view_count,
    coalesce(viewer_count, 0)::integer as viewer_count, coalesce(later_buyer_count, 0)::integer as later_buyer_count,
    (later_buyer_count / viewer_count)::decimal(18, 6) as later_buyer_share,
    coalesce(new_buyer_count, 0)::integer as new_buyer_count,
    (coalesce(new_buyer_count, 0) / (select count(first_order_at) from {{ ref('int_indicators') }} as indicators))::decimal(18, 6) as new_buyer_reach,
    coalesce(opened.order_count, 0)::integer as first_touch_order_count,
    coalesce(opened.net_revenue, 0)::decimal(18, 2) as first_touch_net_revenue,
    coalesce(closed.order_count, 0)::integer as last_touch_order_count,
    coalesce(closed.net_revenue, 0)::decimal(18, 2) as last_touch_net_revenue, 'EUR' as currency_code, first_viewed_at,
    last_viewed_at
from totals
left join audiences using (content_id)
left join opened using (content_id)
left join closed using (content_id)
