-- The predicate of `advocacy` is in dbt/lifecycles.yml.
-- Grain: customer in `advocacy` of the journey lifecycle at as_of.
{{ stage_table(
    'journey',
    'advocacy',
    indicators=[
        'advocacy_signal_count', 'review_count', 'average_rating', 'last_nps_score',
        'referral_count', 'counted_order_count', 'lifetime_net_revenue',
        'loyalty_points_balance',
    ],
) }}
