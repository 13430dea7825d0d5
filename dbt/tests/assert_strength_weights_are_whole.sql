-- Weights of relationship strength that are set by thresholds sum to 100, so that the strength is 0
-- to 100.
{{ config(meta={'dagster': {'ref': {'name': 'int_strength_weights'}}, 'shows': ['weight_sum']}) }}
select
    recency_weight + frequency_weight + interactions_weight + satisfaction_weight + service_weight
        as weight_sum
from {{ ref('int_strength_weights') }}
where
    recency_weight + frequency_weight + interactions_weight + satisfaction_weight + service_weight
    <> 100
    or least(
        recency_weight, frequency_weight, interactions_weight, satisfaction_weight, service_weight
    ) < 0
