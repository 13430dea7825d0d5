-- Grain: customer. Each component is shown with its inputs, so that the score can be explained. A
-- view, because int_customer_strengths stores the rows.
{{ config(materialized='view') }}
with judged as (
    select distinct weights_source, status
    from {{ ref('rpt_relationship_strength_backtest') }}
    where component = 'relationship_strength'
)

select
    strengths.customer_id,
    strengths.relationship_strength,
    strengths.recency_points,
    strengths.frequency_points,
    strengths.interaction_points,
    strengths.satisfaction_points,
    strengths.service_points,
    strengths.days_since_last_touch,
    strengths.days_since_last_order,
    strengths.recent_order_count,
    strengths.recent_activity_count,
    strengths.satisfaction_share,
    strengths.service_share,
    judged.weights_source,
    judged.status as strength_status,
    strengths.last_active_at
from {{ ref('int_customer_strengths') }} as strengths
cross join judged
