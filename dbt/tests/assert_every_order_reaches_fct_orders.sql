-- No order and no refund is lost or multiplied: by system and original currency, the orders of the
-- mart and their amounts are those of the input layer, recomputed without the models in between. So
-- are the refunds with all that they gave back.
{{ config(
    meta={'dagster': {'ref': {'name': 'fct_orders'}}, 'shows': ['records', 'source_system', 'record_count', 'shown_count', 'amount', 'shown_amount']},
) }}
with headers as (
    select
        source_system, order_id, currency_code, items_amount, discount_amount, prices_include_tax
    from {{ ref('input_orders') }}
    where
        ordered_at < {{ as_of() }}
        and deleted_at is null
),

refunded as (
    select distinct source_system, order_id from {{ ref('fct_refunds') }}
),

with_gift_cards as (
    select source_system
    from {{ ref('input_products') }}
    where kind = 'gift_card'
    union
    select source_system
    from {{ ref('input_payments') }}
    where method = 'gift_card'
),

-- Amounts that are given in the header and changed by nothing else.
plain as (
    select
        headers.source_system,
        headers.order_id,
        case
            when refunded.order_id is null and not headers.prices_include_tax
                then headers.items_amount - headers.discount_amount
        end as net_amount
    from headers
    left join refunded
        on headers.source_system = refunded.source_system
        and headers.order_id = refunded.order_id
    where
        headers.source_system not in (select with_gift_cards.source_system from with_gift_cards)
),

expected as (
    select
        headers.source_system,
        coalesce(headers.currency_code, reporting.currency_code) as currency_code,
        count(*) as record_count,
        sum(plain.net_amount) as amount
    from headers
    cross join {{ ref('int_reporting_currency') }} as reporting
    left join plain
        on headers.source_system = plain.source_system
        and headers.order_id = plain.order_id
    group by headers.source_system, coalesce(headers.currency_code, reporting.currency_code)
),

shown as (
    select
        orders.source_system,
        orders.original_currency_code as currency_code,
        count(*) as record_count,
        sum(case when plain.net_amount is not null then orders.original_net_amount end) as amount
    from {{ ref('fct_orders') }} as orders
    left join plain
        on orders.source_system = plain.source_system
        and orders.order_id = plain.order_id
    group by orders.source_system, orders.original_currency_code
),

expected_refunds as (
    select
        refunds.source_system,
        count(*) as record_count,
        sum(refunds.amount) as amount
    from {{ ref('input_refunds') }} as refunds
    left join {{ ref('refund_statuses') }} as statuses
        on refunds.status = statuses.status
    left join headers
        on refunds.source_system = headers.source_system
        and refunds.order_id = headers.order_id
    where
        refunds.refunded_at < {{ as_of() }}
        and refunds.deleted_at is null
        and (refunds.status is null or statuses.is_given)
        and (refunds.order_id is null or headers.order_id is not null)
    group by refunds.source_system
),

shown_refunds as (
    select source_system, count(*) as record_count, sum(original_amount) as amount
    from {{ ref('fct_refunds') }}
    group by source_system
),

compared as (
    select
        'orders' as records, expected.source_system, shown.source_system as shown_system,
        expected.record_count, shown.record_count as shown_count,
        expected.amount, shown.amount as shown_amount
    from expected
    full outer join shown
        on expected.source_system = shown.source_system
        and expected.currency_code = shown.currency_code
    union all
    select
        'refunds' as records, expected.source_system, shown.source_system as shown_system,
        expected.record_count, shown.record_count as shown_count,
        expected.amount, shown.amount as shown_amount
    from expected_refunds as expected
    full outer join shown_refunds as shown
        on expected.source_system = shown.source_system
)

select *
from compared
where
    record_count is distinct from shown_count
    or amount is distinct from shown_amount
