-- Grain: customer now in `lost` of the relationship lifecycle.
{{ stage_table(
    'relationship',
    'lost',
    indicators=[
        'counted_order_count', 'last_order_at', 'days_since_last_order', 'lapse_window_days',
        'lifetime_net_revenue', 'exit_reason', 'average_rating', 'open_ticket_count',
        'late_delivery_count', 'win_back_offer_count',
    ],
) }}
