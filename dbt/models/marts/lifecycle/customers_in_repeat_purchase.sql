-- The predicate of `repeat_purchase` is in dbt/lifecycles.yml.
-- Grain: customer in `repeat_purchase` of the relationship lifecycle at as_of.
{{ stage_table(
    'relationship',
    'repeat_purchase',
    indicators=[
        'counted_order_count', 'average_days_between_orders', 'days_since_last_order',
        'last_order_at', 'lifetime_net_revenue', 'average_csat_score',
        'orders_in_loyalty_window', 'lapse_date',
    ],
) }}
