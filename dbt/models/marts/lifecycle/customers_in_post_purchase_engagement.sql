-- The predicate of `post_purchase_engagement` is in dbt/lifecycles.yml.
-- Grain: customer in `post_purchase_engagement` of the journey lifecycle at as_of.
{{ stage_table(
    'journey',
    'post_purchase_engagement',
    indicators=[
        'delivered_order_count', 'last_delivered_at', 'late_delivery_count', 'thank_you_count',
        'follow_up_count', 'average_csat_score', 'average_rating', 'open_ticket_count',
    ],
) }}
