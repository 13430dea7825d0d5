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
    counted.*,
    cast(coalesce(recent.recent_activity_count, 0) as integer) as recent_activity_count
from {{ ref('int_customer_activities_counted') }} as counted
left join recent on counted.customer_id = recent.customer_id
