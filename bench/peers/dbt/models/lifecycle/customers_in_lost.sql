select
    beginnings.* exclude (stage, stage_since),
    counted_order_count::integer as counted_order_count, last_order_at, days_since_last_order::integer as
    days_since_last_order, lapse_window_days, net_amount as lifetime_net_revenue, exit_reason, average_rating,
    nothing as open_ticket_count, late_delivery_count::integer as late_delivery_count, nothing as
    win_back_offer_count,
    stage_since
from {{ ref('int_beginnings') }} as beginnings
inner join {{ ref('int_indicators') }} as indicators using (customer_id)
where stage = 'lost'
