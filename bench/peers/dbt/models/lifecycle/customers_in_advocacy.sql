select
    beginnings.* exclude (stage, stage_since),
    advocacy_signal_count::integer as advocacy_signal_count, coalesce(review_count, 0)::integer as
    review_count, average_rating, no_score as last_nps_score, nothing as referral_count,
    counted_order_count::integer as counted_order_count, net_amount as lifetime_net_revenue, no_points as
    loyalty_points_balance,
    stage_since
from {{ ref('int_beginnings') }} as beginnings
inner join {{ ref('int_indicators') }} as indicators using (customer_id)
where stage = 'advocacy'
