select
    beginnings.* exclude (stage, stage_since),
    open::integer as open_order_count, nothing as open_checkout_count, nothing as checkout_count, no_time as
    last_checkout_started_at, last_order_at, coalesce(counted_order_count, 0)::integer as counted_order_count,
    inquiry_count::integer as inquiry_count, nothing as open_ticket_count,
    stage_since
from {{ ref('int_beginnings') }} as beginnings
inner join {{ ref('int_indicators') }} as indicators using (customer_id)
where stage = 'purchase'
