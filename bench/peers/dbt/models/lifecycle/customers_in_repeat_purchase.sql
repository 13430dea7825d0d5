select
    beginnings.* exclude (stage, stage_since),
    counted_order_count::integer as counted_order_count, average_days_between_orders,
    days_since_last_order::integer as days_since_last_order, last_order_at, net_amount as
    lifetime_net_revenue, no_average as average_csat_score, windowed::integer as orders_in_loyalty_window,
    lapse_date,
    stage_since
from {{ ref('int_beginnings') }} as beginnings
inner join {{ ref('int_indicators') }} as indicators using (customer_id)
where stage = 'repeat_purchase'
