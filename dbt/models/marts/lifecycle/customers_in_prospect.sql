-- Grain: customer now in `prospect` of the relationship lifecycle.
{{ stage_table(
    'relationship',
    'prospect',
    indicators=[
        'first_touch_channel', 'activity_count', 'inquiry_count', 'content_view_count',
        'checkout_count', 'offer_sent_count', 'last_active_at',
    ],
) }}
