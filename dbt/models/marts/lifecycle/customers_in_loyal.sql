-- The predicate of `loyal` is in dbt/lifecycles.yml.
-- Grain: customer in `loyal` of the relationship lifecycle at as_of.
{{ stage_table(
    'relationship',
    'loyal',
    indicators=[
        'counted_order_count', 'orders_in_loyalty_window', 'average_days_between_orders',
        'days_since_last_order', 'last_order_at', 'lifetime_net_revenue',
        'loyalty_points_balance', 'offer_taken_count', 'last_nps_score', 'lapse_date',
    ],
) }}
