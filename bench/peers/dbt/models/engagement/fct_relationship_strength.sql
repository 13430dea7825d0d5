with parts as (
    select
        customer_id,
        datediff('day', last_active_at::date, timestamp '{{ var("as_of") }}'::date)::integer as days_since_last_touch,
        coalesce(recent_order_count, 0)::integer as recent_order_count,
        recent_activity_count::integer as recent_activity_count, satisfaction, last_active_at,
        floor(20 * greatest(1 - days_since_last_touch / 365, 0) + 0.5)::integer as recency_points,
        floor(20 * least(coalesce(recent_order_count, 0) / 8, 1) + 0.5)::integer as frequency_points,
        floor(20 * least(recent_activity_count / 12, 1) + 0.5)::integer as interaction_points,
        floor(20 * coalesce(satisfaction, 0.5)::double + 0.5)::integer as satisfaction_points, 10 as service_points
    from {{ ref('int_indicators') }} as indicators
)
select
    customer_id,
    recency_points + frequency_points + interaction_points + satisfaction_points + service_points
        as relationship_strength,
    recency_points, frequency_points, interaction_points, satisfaction_points, service_points, days_since_last_touch,
    recent_order_count, recent_activity_count, satisfaction as satisfaction_share,
    null::decimal(18, 6) as service_share, last_active_at
from parts
