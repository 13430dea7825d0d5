-- One row per customer with a touch before as_of: activity counts, in total and within the recent
-- window.
with recent as (
    select
        activities.customer_id,
        count(*) as recent_activity_count
    from {{ ref('int_customer_activities') }} as activities
    cross join {{ ref('int_thresholds') }} as thresholds
    where
        activities.is_touch
        and activities.occurred_at >= {{ days_after(as_of(), '-thresholds.strength_window_days') }}
    group by activities.customer_id
)

select
    counted.customer_id,
    counted.first_seen_at,
    counted.last_active_at,
    counted.activity_count,
    counted.inquiry_count,
    counted.advocacy_signal_count,
    counted.last_checkout_started_at,
    counted.page_view_count,
    counted.content_view_count,
    counted.knowledge_base_view_count,
    counted.demo_or_trial_count,
    counted.checkout_count,
    counted.thank_you_count,
    counted.follow_up_count,
    counted.offer_sent_count,
    counted.offer_taken_count,
    counted.win_back_offer_count,
    counted.referral_count,
    counted.first_touch_channel,
    cast(coalesce(recent.recent_activity_count, 0) as integer) as recent_activity_count
from {{ ref('int_customer_activities_counted') }} as counted
left join recent on counted.customer_id = recent.customer_id
