-- One row per customer: the indicators that the stage tables show. Each stage table only selects
-- some of them.
with totals as (
    select * from {{ ref('int_customer_activity_totals') }}
),

-- Orders of one instant are numbered, so the last one is one row.
last_orders as (
    select
        orders.customer_id,
        orders.lapse_window_days,
        orders.lapse_ends_at,
        orders.net_amount as last_order_net_amount
    from {{ ref('int_orders_numbered') }} as orders
    inner join {{ ref('int_customer_order_totals') }} as order_totals
        on orders.customer_id = order_totals.customer_id
        and orders.customer_order_number = order_totals.counted_order_count
),

states as (
    select
        customer_id,
        orders_in_loyalty_window,
        open_order_count,
        open_checkout_count,
        delivered_order_count
    from {{ ref('int_customer_states') }}
    where is_latest
)

select
    totals.customer_id,
    totals.first_touch_channel,
    totals.last_active_at,
    totals.activity_count,
    totals.recent_activity_count,
    totals.page_view_count,
    totals.content_view_count,
    totals.knowledge_base_view_count,
    totals.inquiry_count,
    totals.demo_or_trial_count,
    totals.checkout_count,
    totals.last_checkout_started_at,
    totals.thank_you_count,
    totals.follow_up_count,
    totals.offer_sent_count,
    totals.offer_taken_count,
    totals.win_back_offer_count,
    totals.referral_count,
    totals.advocacy_signal_count,
    coalesce(states.orders_in_loyalty_window, 0) as orders_in_loyalty_window,
    coalesce(states.open_order_count, 0) as open_order_count,
    coalesce(states.open_checkout_count, 0) as open_checkout_count,
    coalesce(states.delivered_order_count, 0) as delivered_order_count,
    coalesce(orders.counted_order_count, 0) as counted_order_count,
    coalesce(orders.late_delivery_count, 0) as late_delivery_count,
    orders.first_order_at,
    orders.last_order_at,
    orders.last_delivered_at,
    case
        when orders.counted_order_count > 1
            then {{ mean(
                days_between(
                    date_of('orders.first_order_at'), date_of('orders.last_order_at')
                ),
                'orders.counted_order_count - 1'
            ) }}
    end as average_days_between_orders,
    cast(
        {{ days_between(date_of('orders.last_order_at'), as_of_date()) }} - 1 as integer
    ) as days_since_last_order,
    {{ money('coalesce(orders.lifetime_net_revenue, 0)') }} as lifetime_net_revenue,
    last_orders.last_order_net_amount,
    last_orders.lapse_window_days,
    {{ date_of('last_orders.lapse_ends_at') }} as lapse_date,
    coalesce(feedback.review_count, 0) as review_count,
    feedback.average_rating,
    feedback.average_csat_score,
    feedback.last_nps_score,
    coalesce(feedback.ticket_count, 0) as ticket_count,
    coalesce(feedback.open_ticket_count, 0) as open_ticket_count,
    {{ quantity('coalesce(feedback.loyalty_points_balance, 0)') }} as loyalty_points_balance
from totals
left join states on totals.customer_id = states.customer_id
left join {{ ref('int_customer_order_totals') }} as orders
    on totals.customer_id = orders.customer_id
left join last_orders on totals.customer_id = last_orders.customer_id
left join {{ ref('int_customer_feedback') }} as feedback
    on totals.customer_id = feedback.customer_id
