-- Grain: customer. Each part with what it was computed from, so that the score explains itself.
with strengths as (
    select * from {{ ref('int_customer_strengths') }}
)

select
    strengths.customer_id,
    strengths.relationship_strength,
    strengths.recency_points,
    strengths.frequency_points,
    strengths.interaction_points,
    strengths.satisfaction_points,
    strengths.service_points,
    cast(
        {{ days_between('cast(totals.last_active_at as date)', as_of_date()) }} as integer
    ) as days_since_last_touch,
    cast(coalesce(recent.order_count, 0) as integer) as recent_order_count,
    totals.recent_activity_count,
    feedback.satisfaction_share,
    feedback.service_share,
    totals.last_active_at
from strengths
inner join {{ ref('int_customer_activity_totals') }} as totals
    on strengths.customer_id = totals.customer_id
left join {{ ref('int_customer_feedback') }} as feedback
    on strengths.customer_id = feedback.customer_id
left join (
    select orders.customer_id, count(*) as order_count
    from {{ ref('int_orders_numbered') }} as orders
    cross join {{ ref('int_thresholds') }} as thresholds
    where orders.ordered_at >= {{ days_after(as_of(), '-thresholds.strength_window_days') }}
    group by orders.customer_id
) as recent
    on strengths.customer_id = recent.customer_id
