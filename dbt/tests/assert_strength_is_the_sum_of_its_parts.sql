-- Relationship strength is the sum of its five components, each from 0 to its weight, and the same
-- as in dim_customers. A component is never null: its inputs are always known or neutral.
{{ config(meta={'dagster': {'ref': {'name': 'fct_relationship_strength'}}}) }}
with strengths as (
    select * from {{ ref('fct_relationship_strength') }}
)

select
    customers.customer_id,
    customers.relationship_strength,
    strengths.relationship_strength as explained
from {{ ref('dim_customers') }} as customers
cross join {{ ref('int_strength_weights') }} as weights
left join strengths
    on customers.customer_id = strengths.customer_id
where
    strengths.customer_id is null
    or strengths.days_since_last_touch is null
    or strengths.recent_order_count is null
    or strengths.recent_activity_count is null
    or customers.relationship_strength <> strengths.relationship_strength
    or coalesce(
        strengths.relationship_strength
        <> strengths.recency_points + strengths.frequency_points + strengths.interaction_points
        + strengths.satisfaction_points + strengths.service_points,
        true
    )
    or least(
        strengths.recency_points, strengths.frequency_points, strengths.interaction_points,
        strengths.satisfaction_points, strengths.service_points
    ) < 0
    or strengths.recency_points > weights.recency_weight
    or strengths.frequency_points > weights.frequency_weight
    or strengths.interaction_points > weights.interactions_weight
    or strengths.satisfaction_points > weights.satisfaction_weight
    or strengths.service_points > weights.service_weight
