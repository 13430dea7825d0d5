-- One row per counted order credited to the channel `unknown`, with the reason. Only touchpoints
-- without a known channel can be within the window of such an order.
{{ config(**incremental_by_order()) }}
with orders as (
    select
        paths.source_system,
        paths.order_id,
        paths.customer_id,
        paths.net_amount,
        paths.ordered_at,
        -- A wording that means `unknown` is mapped.
        coalesce(channels.delivered_channel is not null, false)
        and channels.acquisition_channel is null as has_unmapped_channel
    from {{ ref('int_order_touches') }} as touches
    inner join {{ ref('int_order_paths') }} as paths
        on touches.source_system = paths.source_system
        and touches.order_id = paths.order_id
    inner join {{ ref('int_orders_valued') }} as valued
        on touches.source_system = valued.source_system
        and touches.order_id = valued.order_id
    left join {{ ref('int_channels') }} as channels
        on valued.channel = channels.delivered_channel
    where
        touches.channel = 'unknown'
        {{ only_affected_orders('touches', 'int_affected_orders_of_customers') }}
),

touches as (
    select * from {{ ref('int_touches_mapped') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
),

found as (
    select
        orders.source_system,
        orders.order_id,
        max(case
            when {{ days_after('orders.ordered_at', '-touches.attribution_days') }}
                <= touches.occurred_at
                then case when touches.has_unmapped_channel then 2 else 1 end
            else 0
        end) as nearness
    from orders
    inner join touches
        on orders.customer_id = touches.customer_id
        and orders.ordered_at >= touches.occurred_at
    group by orders.source_system, orders.order_id
)

select
    orders.source_system,
    orders.order_id,
    orders.net_amount,
    case
        when orders.has_unmapped_channel or found.nearness = 2 then 'channel_not_mapped'
        when orders.customer_id is null then 'unidentified'
        when found.nearness = 1 then 'channel_not_given'
        when found.nearness = 0 then 'touch_too_old'
        else 'no_touch'
    end as reason,
    orders.ordered_at
from orders
left join found
    on orders.source_system = found.source_system
    and orders.order_id = found.order_id
