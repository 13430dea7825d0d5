-- One row per event of an identified customer's order before as_of: placed, delivered or refunded,
-- and per credit note. A refund has a negative amount at the exchange rate of its own day, so that
-- it can be booked on that day. The amount of an order is already net of its refunds. A view,
-- because int_customer_activities stores the rows.
{{ config(materialized='view', meta=changes_of(['customer_id'], 'int_affected_customers')) }}
with orders as (
    select
        source_system,
        order_id,
        customer_id,
        channel,
        campaign,
        net_amount,
        ordered_at,
        delivered_at
    from {{ ref('int_orders_valued') }}
    where customer_id is not null
),

happened as (
    select
        customer_id, source_system, ordered_at as occurred_at, 'order_placed' as activity,
        order_id as subject_id, channel, campaign, net_amount as amount
    from orders
    union all
    select
        customer_id, source_system, delivered_at as occurred_at, 'order_delivered' as activity,
        order_id as subject_id, channel, campaign, {{ money('null') }} as amount
    from orders
    where delivered_at is not null
    union all
    select
        orders.customer_id, orders.source_system, refunds.refunded_at as occurred_at,
        'refund_issued' as activity, refunds.refund_id as subject_id,
        orders.channel, orders.campaign,
        {{ money('-refunds.items_amount') }} as amount
    from {{ ref('int_refunds_valued') }} as refunds
    inner join orders
        on refunds.source_system = orders.source_system
        and refunds.order_id = orders.order_id
    union all
    select
        customer_id, source_system, refunded_at as occurred_at,
        'credit_note_issued' as activity, refund_id as subject_id,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as campaign,
        {{ money('-items_amount') }} as amount
    from {{ ref('int_refunds_valued') }}
    where
        order_id is null
        and customer_id is not null
)

select
    customer_id,
    source_system,
    occurred_at,
    activity,
    subject_id,
    channel,
    campaign,
    amount,
    cast(null as {{ dbt.type_string() }}) as direction,
    false as is_advocacy_signal,
    cast(null as boolean) as is_negative_opinion
from happened
