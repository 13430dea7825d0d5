-- Orders in the reporting currency, what happened to customers, products and days.
create temp table orders as
with refunded as (
    select
        order_id,
        sum(original_amount)::decimal(18, 2) as original_refund_amount,
        sum(refund_amount)::decimal(18, 2) as refund_amount
    from input_refunds
    group by order_id
),

joined as (
    select
        order_id,
        customer_id,
        status,
        channel,
        currency_code,
        rate,
        items_amount as original_items_amount,
        discount_amount as original_discount_amount,
        coalesce(original_refund_amount, 0) as original_refund_amount,
        coalesce(refund_amount, 0) as refund_amount,
        shipping_amount as original_shipping_amount,
        tax_amount as original_tax_amount,
        received_amount,
        cost_amount,
        product_count,
        ordered_at,
        promised_at,
        case
            when status not in ('cancelled', 'failed') and delivered_at < getvariable('as_of')
                then delivered_at
        end as delivered_at
    from input_orders
    left join refunded using (order_id)
)

select
    *,
    (original_items_amount * rate)::decimal(18, 2) as items_amount,
    (original_discount_amount * rate)::decimal(18, 2) as discount_amount,
    items_amount - discount_amount - refund_amount as net_amount,
    (
        status in ('paid', 'shipped', 'delivered', 'completed')
        or (
            status = 'placed'
            and received_amount > 0
            and received_amount
            >= original_items_amount - original_discount_amount
            + original_shipping_amount + original_tax_amount
        )
    )
    and coalesce(original_items_amount - original_discount_amount >= 0.01, false)
    and not (
        original_refund_amount > 0
        and original_refund_amount >= original_items_amount - original_discount_amount
    ) as is_counted
from joined;
drop table input_orders;

-- Orders that count, each with the end of the window in which the next one is expected.
create temp table counted_orders as
with numbered as (
    select
        order_id,
        customer_id,
        ordered_at,
        net_amount,
        discount_amount > 0 as is_discounted,
        product_count,
        row_number() over by_time as order_number,
        min(ordered_at) over (partition by customer_id) as first_ordered_at,
        lag(ordered_at) over by_time as previous_ordered_at,
        lead(ordered_at) over by_time as next_ordered_at
    from orders
    where is_counted
    window by_time as (partition by customer_id order by ordered_at, order_id)
)

select
    *,
    case
        when order_number < getvariable('lapse_minimum_orders')
            then getvariable('lapse_default_days')
        else least(greatest(
            (getvariable('lapse_gap_multiple') * 10000)::bigint
            * (floor(epoch(ordered_at))::bigint - floor(epoch(first_ordered_at))::bigint)
            // (864000000 * (order_number - 1)),
            getvariable('lapse_floor_days')
        ), getvariable('lapse_ceiling_days'))
    end::integer as lapse_window_days,
    ordered_at + to_days(lapse_window_days) as lapse_ends_at,
    ordered_at + to_days(getvariable('loyal_window_days')) as leaves_loyalty_window_at,
    -- Touchpoints after the previous order, and in the window before this one, share in its credit.
    greatest(
        ordered_at - to_days(getvariable('attribution_window_days')) - interval 1 microsecond,
        previous_ordered_at
    ) as credited_after
from numbered;

create table core.fct_orders as
select
    order_id,
    getvariable('system') as source_system,
    orders.customer_id,
    status,
    channel,
    null::varchar as campaign,
    getvariable('currency') as currency_code,
    currency_code as original_currency_code,
    order_number::integer as customer_order_number,
    items_amount,
    discount_amount,
    refund_amount::decimal(18, 2) as refund_amount,
    orders.net_amount::decimal(18, 2) as net_amount,
    (original_shipping_amount * rate)::decimal(18, 2) as shipping_amount,
    (original_tax_amount * rate)::decimal(18, 2) as tax_amount,
    (original_items_amount - original_discount_amount - original_refund_amount)::decimal(18, 2)
        as original_net_amount,
    is_counted,
    coalesce(delivered_at > promised_at, false) as was_delivered_late,
    orders.ordered_at,
    promised_at,
    delivered_at
from orders
left join counted_orders using (order_id);

create table core.fct_refunds as
select
    refund_id,
    getvariable('system') as source_system,
    order_id,
    orders.customer_id,
    reason,
    getvariable('currency') as currency_code,
    currency_code as original_currency_code,
    input_refunds.refund_amount as items_amount,
    0::decimal(18, 2) as tax_amount,
    0::decimal(18, 2) as shipping_amount,
    original_amount,
    refunded_at
from input_refunds
inner join orders using (order_id);

create table core.rpt_revenue_reconciliation as
with booked as (
    select
        date_trunc('month', ordered_at)::date as month,
        1 as order_count,
        items_amount - discount_amount as goods_amount,
        0 as refund_amount,
        (received_amount > 0)::integer as paid_order_count,
        case
            when received_amount > 0
                then ((
                        original_items_amount - original_discount_amount
                        + original_shipping_amount + original_tax_amount
                    ) * rate)::decimal(18, 2)
        end as due_amount,
        case when received_amount > 0 then (received_amount * rate)::decimal(18, 2) end
            as received_amount
    from orders
    where is_counted
    union all
    select date_trunc('month', refunded_at)::date, 0, 0, input_refunds.refund_amount, 0, null, null
    from input_refunds
    inner join orders using (order_id)
    where is_counted
)
select
    month,
    getvariable('currency') as currency_code,
    sum(order_count)::integer as counted_order_count,
    sum(goods_amount)::decimal(18, 2) as goods_amount,
    sum(refund_amount)::decimal(18, 2) as refund_amount,
    0::decimal(18, 2) as credit_note_amount,
    (sum(goods_amount) - sum(refund_amount))::decimal(18, 2) as net_revenue,
    sum(paid_order_count)::integer as paid_order_count,
    sum(due_amount)::decimal(18, 2) as due_amount,
    sum(received_amount)::decimal(18, 2) as received_amount,
    (sum(received_amount) - sum(due_amount))::decimal(18, 2) as difference_amount
from booked
group by month;

-- No identifier of the company is a placeholder, shared or split.
create table core.rpt_identity_exceptions (
    identifier_type varchar, reason varchar, identifier_count bigint, record_count bigint,
    unidentified_record_count bigint, customer_count bigint
);

create table core.fct_reviews as
select
    review_id,
    getvariable('system') as source_system,
    customer_id,
    order_id,
    null::varchar as product_id,
    platform,
    rating,
    is_public,
    false as is_verified,
    reviewed_at,
    null::timestamp as reply_at
from input_reviews;

create table core.fct_customer_activities as
with happened as (
    select
        customer_id,
        activity,
        subject_id,
        channel,
        campaign,
        null::decimal(18, 2) as amount,
        true as is_touch,
        activity in ('inquiry', 'chat', 'knowledge_base_view') as is_inquiry,
        coalesce(activity = 'social_post' and sentiment >= getvariable('positive_sentiment'), false)
            as is_advocacy_signal,
        occurred_at
    from input_interactions
    where customer_id is not null
    union all
    select
        customer_id, 'contact_created', subject_id, acquisition_channel, null, null, true, false,
        false, created_at
    from input_contacts
    where not is_deleted
    union all
    select
        customer_id, 'review_written', review_id, platform, null, null, true, false,
        is_public and rating >= getvariable('positive_rating'), reviewed_at
    from core.fct_reviews
    union all
    select
        customer_id, 'order_placed', order_id, channel, null, net_amount, true, false, false,
        ordered_at
    from orders
    union all
    select
        customer_id, 'order_delivered', order_id, channel, null, null, false, false, false,
        delivered_at
    from orders
    where delivered_at is not null
    union all
    select
        customer_id, 'refund_issued', refund_id, channel, null, -input_refunds.refund_amount, false,
        false, false, refunded_at
    from input_refunds
    inner join orders using (order_id)
)

select
    md5(getvariable('system') || '|' || activity || '|' || subject_id) as activity_key,
    customer_id,
    getvariable('system') as source_system,
    activity,
    subject_id,
    channel,
    campaign,
    amount::decimal(18, 2) as amount,
    is_touch,
    is_inquiry,
    is_advocacy_signal,
    occurred_at
from happened;

create table core.dim_products as
select
    product_id,
    getvariable('system') as source_system,
    product_name,
    category,
    brand,
    unit_cost
from input_products;

create table core.dim_dates as
select
    day::date as date_day,
    date_trunc('month', day)::date as month_start_date,
    year(day)::integer as year_number,
    month(day)::integer as month_number,
    day(day)::integer as day_of_month
from generate_series(
    (select date_trunc('day', min(occurred_at)) from core.fct_customer_activities),
    getvariable('as_of') - interval 1 day,
    interval 1 day
) as days (day);
