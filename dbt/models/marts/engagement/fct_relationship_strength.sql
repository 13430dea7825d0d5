-- Grain: customer. Each component is shown with its inputs, so that the score can be explained. A
-- view, because int_customer_strengths stores the rows.
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
