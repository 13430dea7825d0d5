-- The predicate of `lost` is in dbt/lifecycles.yml.
-- Grain: customer in `lost` of the relationship lifecycle at as_of.
with lost as (
    {{ stage_table(
        'relationship',
        'lost',
        indicators=[
            'counted_order_count', 'last_order_at', 'days_since_last_order', 'lapse_window_days',
            'lifetime_net_revenue', 'average_rating', 'open_ticket_count', 'late_delivery_count',
            'offer_sent_count', 'offer_taken_count', 'win_back_offer_count',
        ],
    ) }}
)

select
    lost.*,
    losses.main_reason,
    losses.stated_reason,
    losses.reasons,
    losses.value_at_stake,
    losses.return_probability,
    losses.comparable_interval_count,
    losses.win_back_attempt_count,
    losses.last_win_back_outcome,
    losses.last_win_back_at
from lost
inner join {{ ref('int_lost_customers') }} as losses
    on lost.customer_id = losses.customer_id
