with activity as (
    select
        customer_id,
        min(occurred_at) filter (is_touch) as first_seen_at,
        max(occurred_at) filter (is_touch) as last_active_at,
        min_by(coalesce(channel, 'unknown'), occurred_at) filter (is_touch) as first_channel,
        min(occurred_at) filter (activity in ('email_sent', 'offer_sent')) as first_sent_at,
        count(*) filter (is_touch) as activity_count,
        count(*) filter (is_touch and occurred_at >= timestamp '{{ var("as_of") }}' - interval 365 day) as recent_activity_count,
        count(*) filter (activity = 'page_view') as page_view_count,
        count(*) filter (activity = 'content_view') as content_view_count,
        count(*) filter (activity = 'knowledge_base_view') as knowledge_base_view_count,
        count(*) filter (is_inquiry) as inquiry_count,
        count(*) filter (activity = 'offer_sent') as offer_sent_count,
        count(*) filter (is_advocacy_signal) as advocacy_signal_count
    from {{ ref('fct_customer_activities') }} as fct_customer_activities
    group by customer_id
    having first_seen_at is not null
),
bought as (
    select
        customer_id,
        count(*) as counted_order_count, min(ordered_at) as first_order_at, max(ordered_at) as last_order_at,
        max(delivered_at) as last_delivered_at,
        count(*) filter (delivered_at > promised_at) as late_delivery_count,
        count(*) filter (ordered_at >= timestamp '{{ var("as_of") }}' - interval 365 day) as recent_order_count,
        sum(items_amount)::decimal(18, 2) as gross_amount, sum(discount_amount)::decimal(18, 2) as discount_amount,
        sum(refund_amount)::decimal(18, 2) as refund_amount, sum(net_amount)::decimal(18, 2) as net_amount,
        (sum(net_amount) - sum(cost_amount))::decimal(18, 2) as margin
    from {{ ref('int_valued') }} as valued where is_counted group by customer_id
),
last_orders as (
    select customer_id, net_amount as last_order_net_amount, lapse_window_days, lapse_ends_at::date as lapse_date
    from {{ ref('int_numbered') }} as numbered where next_ordered_at is null
),
now_states as (
    select customer_id, windowed, open, delivered from {{ ref('int_states') }} as states
    qualify row_number() over (partition by customer_id order by moment desc) = 1
),
opinions as (
    select customer_id, count(*) as review_count, avg(rating)::decimal(18, 6) as average_rating,
        avg((rating - 1) * 0.25)::decimal(18, 6) as satisfaction
    from {{ ref('fct_reviews') }} as fct_reviews group by customer_id
),
profiles as (
    select
        customer_id, channels.acquisition_channel, country_code, company is not null as is_company, marketing_consent
    from {{ ref('int_contacts') }} as contacts
    left join {{ ref('int_channels') }} as channels on contacts.acquisition_channel = channels.delivered_channel
    where deleted_at is null or deleted_at >= timestamp '{{ var("as_of") }}'
)
select
    activity.* exclude (first_channel), coalesce(channels.acquisition_channel, 'unknown') as first_touch_channel,
    bought.* exclude (customer_id), last_orders.* exclude (customer_id), now_states.* exclude (customer_id),
    opinions.* exclude (customer_id), profiles.* exclude (customer_id),
    datediff('day', bought.last_order_at::date, timestamp '{{ var("as_of") }}'::date) - 1 as days_since_last_order,
    case when counted_order_count > 1 then (datediff('day', first_order_at::date, bought.last_order_at::date)
        / (counted_order_count - 1))::decimal(18, 6) end as average_days_between_orders,
    0::integer as nothing, 0::decimal(18, 6) as no_points, null::decimal(18, 6) as no_average, null::integer as no_score,
    null::timestamp as no_time
from activity
left join {{ ref('int_channels') }} as channels on first_channel = channels.delivered_channel
left join bought using (customer_id)
left join last_orders using (customer_id)
left join now_states using (customer_id)
left join opinions using (customer_id)
left join profiles using (customer_id)
