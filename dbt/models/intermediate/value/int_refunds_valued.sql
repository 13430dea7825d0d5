-- One row per refund that was given before as_of, in the reporting currency at the rate of its own
-- day, with what it gave back: goods, their tax, shipping. A refund of an order belongs to the
-- order's customer. A credit note names a person and no order. A refund of an order that was not
-- delivered is left out.
with refunds as (
    select
        refunds.source_system,
        refunds.refund_id,
        refunds.order_id,
        refunds.person_key,
        refunds.reason,
        refunds.currency_code,
        refunds.amount,
        refunds.items_amount,
        refunds.tax_amount,
        refunds.shipping_amount,
        refunds.refunded_at
    from {{ ref('input_refunds') }} as refunds
    left join {{ ref('refund_statuses') }} as statuses
        on refunds.status = statuses.status
    where
        refunds.refunded_at < {{ as_of() }}
        and refunds.deleted_at is null
        and (refunds.status is null or statuses.is_given)
),

matched as (
    select
        refunds.source_system,
        refunds.refund_id,
        refunds.order_id,
        coalesce(orders.person_key, case when refunds.order_id is null then refunds.person_key end)
            as person_key,
        refunds.reason,
        coalesce(orders.currency_code, refunds.currency_code, reporting.currency_code)
            as currency_code,
        refunds.amount,
        refunds.items_amount,
        refunds.tax_amount,
        refunds.shipping_amount,
        orders.items_amount - orders.discount_amount as order_goods_amount,
        orders.tax_amount as order_tax_amount,
        orders.shipping_amount as order_shipping_amount,
        coalesce(orders.order_id is not null, false)
        and refunds.items_amount is null
        and refunds.tax_amount is null as is_to_split,
        refunds.refunded_at
    from refunds
    cross join {{ ref('int_reporting_currency') }} as reporting
    left join {{ ref('int_orders_totalled') }} as orders
        on refunds.source_system = orders.source_system
        and refunds.order_id = orders.order_id
    where
        orders.order_id is not null
        or refunds.order_id is null
),

splittable as (
    select
        *,
        case when is_to_split then amount - coalesce(shipping_amount, 0) else 0 end
            as amount_to_split
    from matched
),

-- An amount that is not itemised continues where the order's earlier ones ended.
accumulated as (
    select
        *,
        order_goods_amount + order_tax_amount as order_taxed_amount,
        sum(amount_to_split) over (
            partition by source_system, order_id
            order by refunded_at, refund_id
            rows between unbounded preceding and current row
        ) as amount_until
    from splittable
),

numbered as (
    select
        *,
        amount_until - amount_to_split as amount_before
    from accumulated
),

split as (
    select
        *,
        {%- set order_parts = ['order_goods_amount', 'order_tax_amount', 'order_shipping_amount'] %}
        {{ money("case
            when items_amount is not null then items_amount
            when is_to_split
                then " ~ goods_part('amount_until', *order_parts) ~ "
                    - " ~ goods_part('amount_before', *order_parts) ~ "
            else amount - coalesce(tax_amount, 0) - coalesce(shipping_amount, 0)
        end") }} as goods_amount,
        {{ money("case
            when is_to_split and order_goods_amount > 0
                then coalesce(shipping_amount, 0)
                    + least(greatest(amount_until - order_taxed_amount, 0), order_shipping_amount)
                    - least(greatest(amount_before - order_taxed_amount, 0), order_shipping_amount)
            when shipping_amount is null and items_amount is not null and tax_amount is not null
                then amount - items_amount - tax_amount
            else coalesce(shipping_amount, 0)
        end") }} as freight_amount
    from numbered
)

select
    split.source_system,
    split.refund_id,
    split.order_id,
    customers.customer_id,
    split.reason,
    reporting.currency_code,
    split.currency_code as original_currency_code,
    {{ money('split.goods_amount * rates.rate') }} as items_amount,
    {{ money('(split.amount - split.goods_amount - split.freight_amount) * rates.rate') }}
        as tax_amount,
    {{ money('split.freight_amount * rates.rate') }} as shipping_amount,
    split.goods_amount as original_items_amount,
    split.amount as original_amount,
    split.refunded_at
from split
cross join {{ ref('int_reporting_currency') }} as reporting
left join {{ ref('int_exchange_rates_dated') }} as rates
    on split.currency_code = rates.currency_code
    and {{ date_of('split.refunded_at') }} = rates.rate_date
left join {{ ref('int_person_keys_resolved') }} as customers
    on split.person_key = customers.person_key
