-- The predicate of `first_purchase` is in dbt/lifecycles.yml.
-- Grain: customer in `first_purchase` of the relationship lifecycle at as_of.
{{ stage_table(
    'relationship',
    'first_purchase',
    indicators=[
        'first_order_at', 'days_since_last_order', 'last_order_net_amount',
        'late_delivery_count', 'average_rating', 'average_csat_score', 'open_ticket_count',
        'lapse_date',
    ],
) }}
