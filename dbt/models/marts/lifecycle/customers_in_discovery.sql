-- Grain: customer now in `discovery` of the journey lifecycle.
{{ stage_table(
    'journey',
    'discovery',
    indicators=[
        'first_touch_channel', 'activity_count', 'page_view_count', 'content_view_count',
        'last_active_at',
    ],
) }}
