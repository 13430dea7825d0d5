-- The predicate of `purchase` is in dbt/lifecycles.yml.
-- Grain: customer in `purchase` of the journey lifecycle at as_of.
{{ stage_table(
    'journey',
    'purchase',
    indicators=[
        'open_order_count', 'open_checkout_count', 'checkout_count', 'last_checkout_started_at',
        'last_order_at', 'counted_order_count', 'inquiry_count', 'open_ticket_count',
    ],
) }}
