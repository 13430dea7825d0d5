-- The predicate of `prospect` is in dbt/lifecycles.yml.
-- Grain: customer in `prospect` of the relationship lifecycle at as_of.
{{ stage_table(
    'relationship',
    'prospect',
    indicators=[
        'first_touch_channel', 'activity_count', 'inquiry_count', 'content_view_count',
        'checkout_count', 'offer_sent_count', 'last_active_at',
    ],
) }}
