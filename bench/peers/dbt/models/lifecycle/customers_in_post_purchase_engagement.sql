select
    beginnings.* exclude (stage, stage_since),
    delivered::integer as delivered_order_count, last_delivered_at, coalesce(late_delivery_count, 0)::integer as
    late_delivery_count, nothing as thank_you_count, nothing as follow_up_count, no_average as
    average_csat_score, average_rating, nothing as open_ticket_count,
    stage_since
from {{ ref('int_beginnings') }} as beginnings
inner join {{ ref('int_indicators') }} as indicators using (customer_id)
where stage = 'post_purchase_engagement'
