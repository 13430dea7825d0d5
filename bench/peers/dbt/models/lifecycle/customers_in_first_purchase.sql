select
    beginnings.* exclude (stage, stage_since),
    first_order_at, days_since_last_order::integer as days_since_last_order, last_order_net_amount,
    late_delivery_count::integer as late_delivery_count, average_rating, no_average as average_csat_score,
    nothing as open_ticket_count, lapse_date,
    stage_since
from {{ ref('int_beginnings') }} as beginnings
inner join {{ ref('int_indicators') }} as indicators using (customer_id)
where stage = 'first_purchase'
