-- One row per order placed before as_of, in its own currency, with the totals of its lines,
-- payments and refunds. `is_counted` is the one definition of a counted order
-- (docs/definitions.md).
{{ config(**incremental_by_order('int_affected_orders')) }}
with orders as (
    select
        orders.source_system,
        orders.order_id,
        orders.person_key,
        orders.status,
        coalesce(orders.currency_code, reporting.currency_code) as currency_code,
        orders.channel,
        orders.campaign,
        orders.items_amount,
        orders.discount_amount,
        coalesce(orders.shipping_amount, 0) as shipping_amount,
        coalesce(orders.tax_amount, 0) as tax_amount,
        orders.ordered_at,
        orders.delivered_at,
        orders.promised_at
    from {{ ref('input_orders') }} as orders
    cross join {{ ref('int_reporting_currency') }} as reporting
    where
        orders.ordered_at < {{ as_of() }}
        {{ only_affected_orders('orders') }}
),

statuses as (
    select status, is_paid, is_payable, is_void, is_delivered from {{ ref('order_statuses') }}
),

-- The cost on a line is in the order's currency, the cost of a product in the reporting currency.
-- If one line has neither, the order's cost is unknown.
line_totals as (
    select
        lines.source_system,
        lines.order_id,
        {{ money('sum(' ~ line_amount('lines.quantity', 'lines.unit_price') ~ ')') }}
            as items_amount,
        sum(lines.discount_amount) as discount_amount,
        {{ money('coalesce(sum(' ~ line_amount('lines.quantity', 'lines.unit_cost') ~ '), 0)') }}
            as stated_cost_amount,
        {{ money('coalesce(sum(
            case
                when lines.unit_cost is null
                    then ' ~ line_amount('lines.quantity', 'products.unit_cost') ~ '
            end
        ), 0)') }} as product_cost_amount,
        count(coalesce(lines.unit_cost, products.unit_cost)) = count(*) as is_cost_known
    from {{ ref('input_order_lines') }} as lines
    left join {{ ref('input_products') }} as products
        on lines.source_system = products.source_system
        and lines.product_id = products.product_id
    where true {{ only_affected_orders('lines') }}
    group by lines.source_system, lines.order_id
),

payment_totals as (
    select
        payments.source_system,
        payments.order_id,
        sum(payments.amount) as received_amount
    from {{ ref('input_payments') }} as payments
    left join {{ ref('payment_statuses') }} as payment_statuses
        on payments.status = payment_statuses.status
    where
        (payments.status is null or payment_statuses.is_received)
        and (payments.paid_at is null or payments.paid_at < {{ as_of() }})
        {{ only_affected_orders('payments') }}
    group by payments.source_system, payments.order_id
),

refund_totals as (
    select
        refunds.source_system,
        refunds.order_id,
        sum(refunds.amount) as refund_amount
    from {{ ref('input_refunds') }} as refunds
    where
        refunds.refunded_at < {{ as_of() }}
        {{ only_affected_orders('refunds') }}
    group by refunds.source_system, refunds.order_id
),

discounted as (
    select
        orders.*,
        coalesce(orders.items_amount, line_totals.items_amount) as known_items_amount,
        coalesce(orders.discount_amount, line_totals.discount_amount, 0) as known_discount_amount,
        case when line_totals.is_cost_known then line_totals.stated_cost_amount end
            as stated_cost_amount,
        case when line_totals.is_cost_known then line_totals.product_cost_amount end
            as product_cost_amount,
        coalesce(payment_totals.received_amount, 0) as received_amount,
        coalesce(refund_totals.refund_amount, 0) as refund_amount,
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
    left join refund_totals
        on orders.source_system = refund_totals.source_system
        and orders.order_id = refund_totals.order_id
),

-- An order with payments but no items has the amount that was paid.
totalled as (
    select
        source_system,
        order_id,
        person_key,
        status,
        currency_code,
        channel,
        campaign,
        {{ money("coalesce(
            known_items_amount,
            greatest(received_amount - shipping_amount - tax_amount + known_discount_amount, 0)
        )") }} as items_amount,
        {{ money('known_discount_amount') }} as discount_amount,
        {{ money('refund_amount') }} as refund_amount,
        {{ money('shipping_amount') }} as shipping_amount,
        {{ money('tax_amount') }} as tax_amount,
        {{ money('received_amount') }} as received_amount,
        stated_cost_amount,
        product_cost_amount,
        is_paid,
        is_payable,
        is_void,
        ordered_at,
        promised_at,
        case
            when not is_void and (delivered_at is not null or is_delivered)
                then greatest(coalesce(delivered_at, ordered_at), ordered_at)
        end as delivered_at
    from discounted
)

select
    source_system,
    order_id,
    person_key,
    status,
    currency_code,
    channel,
    campaign,
    items_amount,
    discount_amount,
    refund_amount,
    shipping_amount,
    tax_amount,
    stated_cost_amount,
    product_cost_amount,
    is_void,
    (
        is_paid
        or (
            is_payable
            and received_amount > 0
            and received_amount >= items_amount - discount_amount + shipping_amount + tax_amount
        )
    )
    and not (refund_amount > 0 and refund_amount >= items_amount - discount_amount) as is_counted,
    ordered_at,
    promised_at,
    case when delivered_at < {{ as_of() }} then delivered_at end as delivered_at
from totalled
