-- One row per touchpoint of an identified customer: its channel, and how long before an order it is
-- credited. A marketing e-mail is a touch of the channel `email` also where its record names no
-- channel (touchpoints). A view, because int_customer_activities stores the rows.
{{ config(materialized='view', meta=changes_of(['customer_id'], 'int_affected_customers')) }}
with windows as (
    select
        channels.channel,
        coalesce(channels.attribution_days, thresholds.attribution_window_days) as attribution_days
    from {{ ref('attribution_channels') }} as channels
    cross join {{ ref('int_thresholds') }} as thresholds
),

-- `unknown` is no channel to credit, so it has no window.
channels as (
    select
        delivered_channel,
        acquisition_channel is null as is_unmapped,
        nullif(attribution_channel, 'unknown') as channel
    from {{ ref('int_channels') }}
)

select
    activities.customer_id,
    activities.source_system,
    activities.subject_id,
    windows.channel,
    activities.campaign,
    ranks.activity_rank,
    coalesce(windows.attribution_days, thresholds.attribution_window_days) as attribution_days,
    windows.channel is null and coalesce(channels.is_unmapped, false) as has_unmapped_channel,
    activities.occurred_at
from {{ ref('int_customer_activities') }} as activities
cross join {{ ref('int_thresholds') }} as thresholds
inner join {{ ref('touchpoints') }} as touchpoints
    on activities.activity = touchpoints.activity
inner join {{ ref('activities') }} as ranks
    on activities.activity = ranks.activity
left join channels
    on activities.channel = channels.delivered_channel
left join windows
    on coalesce(channels.channel, touchpoints.channel) = windows.channel
