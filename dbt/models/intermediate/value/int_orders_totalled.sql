-- One row per order placed before as_of, in its own currency, before refunds, with the totals of
-- its lines and payments. Amounts are without tax. A test order belongs to nobody. `is_sold`: it is
-- paid for, by its status or by its payments. int_orders_valued decides what counts
-- (docs/definitions.md).
{{ config(**incremental_by_order('int_affected_orders')) }}
with orders as (
    select
        orders.source_system,
        orders.order_id,
        case when not coalesce(orders.is_test, false) then orders.person_key end as person_key,
        orders.status,
        coalesce(orders.currency_code, reporting.currency_code) as currency_code,
        orders.channel,
        orders.campaign,
        orders.items_amount,
        orders.discount_amount,
        coalesce(orders.shipping_amount, 0) as shipping_amount,
        coalesce(orders.tax_amount, 0) as tax_amount,
        coalesce(orders.prices_include_tax, false) as prices_include_tax,
        coalesce(orders.is_test, false) as is_test,
        orders.ordered_at,
        orders.delivered_at,
        orders.promised_at
    from {{ ref('input_orders') }} as orders
    cross join {{ ref('int_reporting_currency') }} as reporting
    where
        orders.ordered_at < {{ as_of() }}
        and orders.deleted_at is null
        {{ only_affected_orders('orders') }}
),

statuses as (
    select status, is_paid, is_payable, is_void, is_delivered from {{ ref('order_statuses') }}
),

-- Where a system states which products are gift cards, selling one is no revenue and what it pays for
-- later is. Elsewhere the sale looks like any other, so what gift cards pay for is no revenue
-- again.
gift_card_systems as (
    select distinct source_system
    from {{ ref('input_products') }}
    where kind = 'gift_card'
),

line_totals as (
    {{ order_line_totals() }}
),

payment_totals as (
    select
        payments.source_system,
        payments.order_id,
        sum(payments.amount) as received_amount,
        sum(
            case
                when payments.method = 'gift_card' and gift_card_systems.source_system is null
                    then payments.amount
                else 0
            end
        ) as redeemed_amount
    from {{ ref('input_payments') }} as payments
    left join {{ ref('payment_statuses') }} as payment_statuses
        on payments.status = payment_statuses.status
    left join gift_card_systems
        on payments.source_system = gift_card_systems.source_system
    where
        payments.deleted_at is null
        and (payments.status is null or payment_statuses.is_received)
        and (payments.paid_at is null or payments.paid_at < {{ as_of() }})
        {{ only_affected_orders('payments') }}
    group by payments.source_system, payments.order_id
),

-- An order without an amount, in header or lines, has the amount that was paid. Without a payment
-- its amount is unknown.
delivered as (
    select
        orders.*,
        coalesce(
            orders.items_amount,
            line_totals.items_amount,
            case
                when payment_totals.received_amount > 0
                    then greatest(
                            payment_totals.received_amount
                            - orders.shipping_amount
                            - case when orders.prices_include_tax then 0 else orders.tax_amount end
                            + coalesce(orders.discount_amount, 0),
                            0
                        )
            end
        ) as all_items_amount,
        coalesce(orders.discount_amount, line_totals.discount_amount, 0) as all_discount_amount,
        coalesce(line_totals.gift_card_items_amount, 0) as gift_card_items_amount,
        coalesce(line_totals.gift_card_discount_amount, 0) as gift_card_discount_amount,
        case when line_totals.is_cost_known then line_totals.stated_cost_amount end
            as stated_cost_amount,
        case when line_totals.is_cost_known then line_totals.product_cost_amount end
            as product_cost_amount,
        coalesce(payment_totals.received_amount, 0) as received_amount,
        coalesce(payment_totals.redeemed_amount, 0) as redeemed_amount,
        statuses.is_paid,
        statuses.is_payable,
        statuses.is_void,
        statuses.is_delivered
    from orders
    inner join statuses
        on orders.status = statuses.status
    left join line_totals
        on orders.source_system = line_totals.source_system
        and orders.order_id = line_totals.order_id
    left join payment_totals
        on orders.source_system = payment_totals.source_system
        and orders.order_id = payment_totals.order_id
),

priced as (
    select
        *,
        {{ money('all_items_amount - gift_card_items_amount') }} as priced_items_amount,
        {{ money('all_discount_amount - gift_card_discount_amount') }} as priced_discount_amount,
        {{ money('all_items_amount - all_discount_amount - gift_card_items_amount
            + gift_card_discount_amount') }} as goods_amount,
        {{ money('all_items_amount - all_discount_amount + shipping_amount
            + case when prices_include_tax then 0 else tax_amount end') }} as due_amount
    from delivered
),

-- Tax is the goods' own: prices with tax are lowered by all of it, items and discount in
-- proportion.
untaxed as (
    select
        *,
        {{ money(
            'priced_items_amount - case when prices_include_tax and goods_amount > 0 then '
            ~ share_of_money('tax_amount', 'priced_items_amount', 'goods_amount') ~ ' else 0 end'
        ) }} as net_items_amount,
        {{ money('goods_amount - case
            when prices_include_tax and goods_amount > 0 then tax_amount
            else 0
        end') }} as net_goods_amount
    from priced
),

redeemed as (
    select
        *,
        {{ money('coalesce(net_items_amount - net_goods_amount, priced_discount_amount)') }}
            as net_discount_amount,
        {{ money(
            goods_part('redeemed_amount', 'net_goods_amount', 'tax_amount', 'shipping_amount')
        ) }} as redeemed_goods_amount
    from untaxed
)

select
    source_system,
    order_id,
    person_key,
    status,
    currency_code,
    channel,
    campaign,
    net_items_amount as items_amount,
    {{ money('net_discount_amount + redeemed_goods_amount') }} as discount_amount,
    {{ money('shipping_amount') }} as shipping_amount,
    {{ money('tax_amount') }} as tax_amount,
    due_amount,
    {{ money('received_amount') }} as received_amount,
    stated_cost_amount,
    product_cost_amount,
    is_test,
    is_void,
    is_paid
    or (
        is_payable
        and received_amount > 0
        and coalesce(received_amount >= due_amount, false)
    ) as is_sold,
    ordered_at,
    promised_at,
    case
        when
            not is_void
            and (delivered_at is not null or is_delivered)
            and greatest(coalesce(delivered_at, ordered_at), ordered_at) < {{ as_of() }}
            then greatest(coalesce(delivered_at, ordered_at), ordered_at)
    end as delivered_at
from redeemed
