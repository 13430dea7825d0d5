-- The predicate of `discovery` is in dbt/lifecycles.yml.
-- Grain: customer in `discovery` of the journey lifecycle at as_of.
{{ stage_table(
    'journey',
    'discovery',
    indicators=[
        'first_touch_channel', 'activity_count', 'page_view_count', 'content_view_count',
        'last_active_at',
    ],
) }}
