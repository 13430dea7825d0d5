-- Grain: customer. Each part with what it was computed from, so that the score explains itself. A view: the rows
-- stand in int_customer_strengths already.
{{ config(materialized='view') }}
select
    customer_id,
    relationship_strength,
    recency_points,
    frequency_points,
    interaction_points,
    satisfaction_points,
    service_points,
    days_since_last_touch,
    recent_order_count,
    recent_activity_count,
    satisfaction_share,
    service_share,
    last_active_at
from {{ ref('int_customer_strengths') }}
