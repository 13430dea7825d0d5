-- One row per wording of a channel or platform on any record, lower case, with the channels that it
-- means as a way to hear of the brand and as a touch before an order (acquisition_channels).
-- Wordings are compared by their key: without blanks, dashes, underscores and accents. Null: the
-- reference data does not know the wording.
with delivered as (
    select acquisition_channel as delivered_channel from {{ ref('input_contacts') }}
    union
    select channel as delivered_channel from {{ ref('input_interactions') }}
    union
    select channel as delivered_channel from {{ ref('input_orders') }}
    union
    select platform as delivered_channel from {{ ref('input_reviews') }}
),

channels as (
    select
        {{ word_key('delivered_channel') }} as channel_key,
        min(acquisition_channel) as acquisition_channel,
        min(attribution_channel) as attribution_channel,
        max(case when is_marketing then 1 else 0 end) = 1 as is_marketing
    from {{ ref('acquisition_channels') }}
    group by {{ word_key('delivered_channel') }}
)

select
    delivered.delivered_channel,
    channels.acquisition_channel,
    channels.attribution_channel,
    channels.is_marketing
from delivered
left join channels
    on {{ word_key('delivered.delivered_channel') }} = channels.channel_key
where delivered.delivered_channel is not null
