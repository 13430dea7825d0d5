-- One row per customer with a touch before as_of: the first and last touch, and how often each
-- activity happened. This table defines who is a customer. Counts that depend on as_of are in
-- int_customer_activity_totals.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02,LT05
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
{% set counted = {
    'page_view_count': ['page_view'],
    'content_view_count': ['content_view'],
    'knowledge_base_view_count': ['knowledge_base_view'],
    'demo_or_trial_count': ['demo', 'trial'],
    'checkout_count': ['checkout_started'],
    'thank_you_count': ['thank_you'],
    'follow_up_count': ['follow_up'],
    'offer_sent_count': ['offer_sent'],
    'offer_taken_count': ['offer_taken'],
    'win_back_offer_count': ['win_back_offer'],
    'referral_count': ['referral_made'],
} %}
with activities as (
    select
        customer_id,
        activity,
        channel,
        is_touch,
        is_inquiry,
        is_advocacy_signal,
        occurred_at
    from {{ ref('int_customer_activities') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
),

channels as (
    select delivered_channel, acquisition_channel from {{ ref('int_channels') }}
),

totals as (
    select
        customer_id,
        min(case when is_touch then occurred_at end) as first_seen_at,
        max(case when is_touch then occurred_at end) as last_active_at,
        cast(sum(case when is_touch then 1 else 0 end) as integer) as activity_count,
        cast(sum(case when is_inquiry then 1 else 0 end) as integer) as inquiry_count,
        cast(sum(case when is_advocacy_signal then 1 else 0 end) as integer)
            as advocacy_signal_count,
        max(case when activity = 'checkout_started' then occurred_at end)
            as last_checkout_started_at,
        {%- for name, names in counted.items() %}
        cast(
            sum(case when activity in ('{{ names | join("', '") }}') then 1 else 0 end) as integer
        ) as {{ name }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from activities
    group by customer_id
    having min(case when is_touch then occurred_at end) is not null
),

first_channels as (
    select
        activities.customer_id,
        min(channels.acquisition_channel) as first_touch_channel
    from activities
    inner join totals
        on activities.customer_id = totals.customer_id
        and activities.occurred_at = totals.first_seen_at
    inner join channels
        on activities.channel = channels.delivered_channel
    where activities.is_touch
    group by activities.customer_id
)

select
    totals.*,
    coalesce(first_channels.first_touch_channel, 'unknown') as first_touch_channel
from totals
left join first_channels
    on totals.customer_id = first_channels.customer_id
