-- One row per counted order and credited touch, numbered by time: touches of the customer within
-- the window of their channel before the order, then what brought it by its own word. An order
-- without any has one row with the channel where it was bought, or `unknown`. A touch without a
-- known channel is left out. The campaign that an order names is that of its last touch.
{{ config(**incremental_by_order()) }}
with paths as (
    select * from {{ ref('int_order_paths') }} as paths
    where true {{ only_affected_orders('paths', 'int_affected_orders_of_customers') }}
),

touches as (
    select * from {{ ref('int_touches_mapped') }}
    where
        channel is not null
        {{ only_affected('customer_id', 'int_affected_customers') }}
),

channels as (
    select delivered_channel, attribution_channel, is_marketing
    from {{ ref('int_channels') }}
    where attribution_channel <> 'unknown'
),

own as (
    select
        orders.source_system,
        orders.order_id,
        orders.ordered_at,
        orders.campaign,
        channels.attribution_channel as channel,
        coalesce(channels.is_marketing, false) as is_marketing
    from {{ ref('int_orders_valued') }} as orders
    left join channels
        on orders.channel = channels.delivered_channel
    where true {{ only_affected_orders('orders', 'int_affected_orders_of_customers') }}
),

credited as (
    select
        paths.source_system,
        paths.order_id,
        touches.channel,
        touches.campaign,
        touches.occurred_at as touched_at,
        touches.activity_rank,
        touches.source_system as touch_source_system,
        touches.subject_id
    from paths
    inner join touches
        on paths.customer_id = touches.customer_id
        and paths.ordered_at >= touches.occurred_at
        and {{ days_after('paths.ordered_at', '-touches.attribution_days') }} <= touches.occurred_at
    union all
    select
        source_system,
        order_id,
        channel,
        campaign,
        ordered_at as touched_at,
        cast(null as integer) as activity_rank,
        source_system as touch_source_system,
        order_id as subject_id
    from own
    where is_marketing
),

numbered as (
    select
        paths.source_system,
        paths.order_id,
        coalesce(credited.channel, own.channel, 'unknown') as channel,
        credited.campaign,
        own.campaign as own_campaign,
        paths.net_amount,
        cast(row_number() over (
            partition by paths.source_system, paths.order_id
            order by
                credited.touched_at,
                credited.activity_rank nulls last,
                credited.touch_source_system,
                credited.subject_id
        ) as integer) as touch_number,
        cast(count(*) over (partition by paths.source_system, paths.order_id) as integer)
            as touch_count,
        credited.touched_at,
        paths.ordered_at
    from paths
    left join credited
        on paths.source_system = credited.source_system
        and paths.order_id = credited.order_id
    left join own
        on paths.source_system = own.source_system
        and paths.order_id = own.order_id
)

select
    source_system,
    order_id,
    channel,
    case when touch_number = touch_count then coalesce(own_campaign, campaign) else campaign end
        as campaign,
    net_amount,
    touch_number,
    touch_count,
    touched_at,
    ordered_at
from numbered
