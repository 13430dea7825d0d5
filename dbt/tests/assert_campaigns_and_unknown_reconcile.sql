-- The credits of a channel are those of its campaigns, and what is credited to `unknown` is what
-- rpt_unattributed_orders explains, to the cent.
{{ config(
    meta={
        'dagster': {'ref': {'name': 'rpt_campaign_attribution'}},
        'shows': ['month', 'attribution_model', 'channel'],
    },
) }}
with channels as (
    select month, attribution_model, channel, credited_order_count, credited_net_revenue
    from {{ ref('rpt_channel_attribution') }}
),

campaigns as (
    select
        month,
        attribution_model,
        channel,
        sum(credited_order_count) as order_count,
        sum(credited_net_revenue) as net_revenue
    from {{ ref('rpt_campaign_attribution') }}
    group by month, attribution_model, channel
),

unattributed as (
    select month, sum(order_count) as order_count, sum(net_revenue) as net_revenue
    from {{ ref('rpt_unattributed_orders') }}
    group by month
)

select
    channels.month,
    channels.attribution_model,
    channels.channel,
    channels.credited_order_count,
    campaigns.order_count,
    channels.credited_net_revenue,
    campaigns.net_revenue
from channels
left join campaigns
    on channels.month = campaigns.month
    and channels.attribution_model = campaigns.attribution_model
    and channels.channel = campaigns.channel
where
    campaigns.month is null
    or channels.credited_order_count <> campaigns.order_count
    or channels.credited_net_revenue <> campaigns.net_revenue
union all
select
    unattributed.month,
    null as attribution_model,
    'unknown' as channel,
    coalesce(channels.credited_order_count, 0) as credited_order_count,
    unattributed.order_count,
    coalesce(channels.credited_net_revenue, 0) as credited_net_revenue,
    unattributed.net_revenue
from unattributed
left join channels
    on unattributed.month = channels.month
    and channels.attribution_model = 'last'
    and channels.channel = 'unknown'
where
    coalesce(channels.credited_order_count, 0) <> unattributed.order_count
    or coalesce(channels.credited_net_revenue, 0) <> unattributed.net_revenue
