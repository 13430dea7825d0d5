select
    beginnings.* exclude (stage, stage_since),
    counted_order_count::integer as counted_order_count, windowed::integer as orders_in_loyalty_window,
    average_days_between_orders, days_since_last_order::integer as days_since_last_order, last_order_at,
    net_amount as lifetime_net_revenue, no_points as loyalty_points_balance, nothing as offer_taken_count,
    no_score as last_nps_score, lapse_date,
    stage_since
from {{ ref('int_beginnings') }} as beginnings
inner join {{ ref('int_indicators') }} as indicators using (customer_id)
where stage = 'loyal'
