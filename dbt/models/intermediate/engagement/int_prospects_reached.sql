-- One row per customer who did not buy when first seen and whose conversion window is over: whether
-- we reached out, whether they took a demo or a trial, and whether they bought within the window.
with prospects as (
    select
        totals.customer_id,
        totals.first_seen_at,
        orders.first_order_at,
        {{ days_after('totals.first_seen_at', 'thresholds.outreach_window_days') }}
            as outreach_ends_at,
        {{ days_after('totals.first_seen_at', 'thresholds.conversion_window_days') }}
            as window_ends_at
    from {{ ref('int_customer_activity_totals') }} as totals
    cross join {{ ref('int_thresholds') }} as thresholds
    left join {{ ref('int_customer_order_totals') }} as orders
        on totals.customer_id = orders.customer_id
    where
        orders.first_order_at is null
        or orders.first_order_at > totals.first_seen_at
),

contacted as (
    select
        prospects.customer_id,
        max(
            case
                when
                    interactions.is_outbound
                    and interactions.kind not in ('thank_you', 'follow_up')
                    then 1
                else 0
            end
        ) as was_reached,
        max(case when interactions.kind in ('demo', 'trial') then 1 else 0 end) as had_demo
    from prospects
    inner join {{ ref('int_interactions_resolved') }} as interactions
        on prospects.customer_id = interactions.customer_id
        and prospects.outreach_ends_at >= interactions.occurred_at
        and (
            prospects.first_order_at is null
            or prospects.first_order_at > interactions.occurred_at
        )
    group by prospects.customer_id
)

select
    prospects.customer_id,
    coalesce(contacted.was_reached, 0) = 1 as was_reached,
    coalesce(contacted.had_demo, 0) = 1 as had_demo_or_trial,
    coalesce(prospects.first_order_at <= prospects.window_ends_at, false) as has_converted,
    prospects.first_seen_at
from prospects
left join contacted
    on prospects.customer_id = contacted.customer_id
-- An order exactly at the end of the window counts, so the window must end before as_of.
where prospects.window_ends_at < {{ as_of() }}
