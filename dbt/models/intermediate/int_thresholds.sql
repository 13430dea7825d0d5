-- One row, with every number of seeds/reference/thresholds.csv as a column: predicates and models
-- name a threshold and hold no number of their own.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
{% set names = [
    'counted_order_amount', 'payment_difference_share',
    'loyal_order_count', 'loyal_window_days', 'lapse_gap_multiple', 'lapse_floor_days',
    'lapse_ceiling_days', 'lapse_default_days', 'lapse_minimum_orders', 'positive_rating',
    'negative_rating', 'promoter_score', 'detractor_score', 'positive_sentiment',
    'identity_max_contacts', 'identity_phone_digits', 'identity_exception_share',
    'strength_recency_days', 'strength_order_count', 'strength_interaction_count',
    'strength_window_days', 'strength_neutral_share', 'strength_scale_share',
    'strength_weight_recency', 'strength_weight_frequency', 'strength_weight_interactions',
    'strength_weight_satisfaction', 'strength_weight_service', 'strength_horizon_days',
    'strength_origin_months', 'strength_origin_count', 'strength_minimum_buyers',
    'strength_backtest_customers', 'strength_auc_tolerance', 'strength_interval_z',
    'resolution_days', 'rfm_bands', 'rfm_minimum_buyers', 'persona_content_views',
    'persona_discount_share', 'persona_order_count', 'value_horizon_days', 'value_holdout_days',
    'value_backtest_customers', 'value_exact_customers', 'value_discount_rate',
    'forecast_minimum_months', 'forecast_horizon_months',
    'churn_evidence_days', 'churn_discount_share', 'churn_discount_minimum_orders',
    'driver_landmark_days', 'driver_order_number_cap', 'driver_minimum_customers',
    'driver_false_discovery_share', 'lost_return_share', 'lost_return_months',
    'lost_return_minimum_months', 'interval_level', 'value_at_stake_days', 'return_horizon_days',
    'return_band_days', 'return_minimum_intervals', 'win_back_days',
    'attribution_window_days', 'attribution_first_share', 'attribution_last_share',
    'checkout_open_days', 'cart_recovery_days', 'self_service_days', 'decision_window_days',
    'outreach_window_days', 'conversion_window_days', 'thank_you_days', 'follow_up_days',
    'care_grace_days', 'care_outcome_days',
    'feed_minimum_days', 'feed_gap_multiple', 'feed_floor_days', 'feed_silent_days',
] %}
{#- Extra lifecycles may have further thresholds. -#}
{% for lifecycle in lifecycles() %}
    {%- do names.extend(lifecycle.get('thresholds', [])) %}
{%- endfor %}
select
    {%- for name in names %}
    max(case when threshold = '{{ name }}' then value end) as {{ name }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
from {{ ref('thresholds') }}
