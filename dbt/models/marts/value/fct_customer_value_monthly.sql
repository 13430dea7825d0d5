-- Grain: customer, month with a counted order, a refund of one, or a credit note. Orders and their
-- costs are booked in the month of the order, refunds in the month of the refund, so a month can be
-- negative.
-- Cumulative columns are not additive.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with orders as (
    select
        source_system,
        order_id,
        customer_id,
        customer_order_number,
        ordered_at
    from {{ ref('int_orders_numbered') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
),

amounts as (
    select
        source_system,
        order_id,
        items_amount,
        discount_amount,
        cost_amount
    from {{ ref('int_orders_valued') }}
),

placed as (
    select
        orders.customer_id,
        {{ month_of('orders.ordered_at') }} as month,
        1 as order_count,
        case when orders.customer_order_number = 1 then 1 else 0 end as first_order_count,
        amounts.items_amount as gross_revenue,
        amounts.discount_amount,
        {{ money('0') }} as refund_amount,
        case
            when orders.customer_order_number = 1
                then amounts.items_amount - amounts.discount_amount
            else 0
        end as first_order_revenue,
        amounts.cost_amount
    from orders
    inner join amounts
        on orders.source_system = amounts.source_system
        and orders.order_id = amounts.order_id
),

-- Refunds of counted orders, and credit notes.
refunded as (
    select
        refunds.customer_id,
        {{ month_of('refunds.refunded_at') }} as month,
        0 as order_count,
        0 as first_order_count,
        {{ money('0') }} as gross_revenue,
        {{ money('0') }} as discount_amount,
        refunds.items_amount as refund_amount,
        {{ money('0') }} as first_order_revenue,
        {{ money('0') }} as cost_amount
    from {{ ref('int_refunds_valued') }} as refunds
    left join orders
        on refunds.source_system = orders.source_system
        and refunds.order_id = orders.order_id
    where
        refunds.customer_id is not null
        and (orders.order_id is not null or refunds.order_id is null)
        {{ only_affected('refunds.customer_id', 'int_affected_customers') }}
),

booked as (
    select * from placed
    union all
    select * from refunded
),

by_month as (
    select
        customer_id,
        month,
        sum(order_count) as order_count,
        sum(first_order_count) as first_order_count,
        sum(gross_revenue) as gross_revenue,
        sum(discount_amount) as discount_amount,
        sum(refund_amount) as refund_amount,
        sum(gross_revenue - discount_amount - refund_amount) as net_revenue,
        sum(first_order_revenue) as first_order_revenue,
        case
            when count(cost_amount) = count(*)
                then sum(gross_revenue - discount_amount - refund_amount - cost_amount)
        end as margin
    from booked
    group by customer_id, month
)

select
    by_month.customer_id,
    by_month.month,
    reporting.currency_code,
    cast(by_month.order_count as integer) as order_count,
    cast(by_month.order_count - by_month.first_order_count as integer) as later_order_count,
    {{ money('by_month.gross_revenue') }} as gross_revenue,
    {{ money('by_month.discount_amount') }} as discount_amount,
    {{ money('by_month.refund_amount') }} as refund_amount,
    {{ money('by_month.net_revenue') }} as net_revenue,
    {{ money('by_month.first_order_revenue') }} as first_order_revenue,
    {{ money('by_month.gross_revenue - by_month.discount_amount - by_month.first_order_revenue') }}
        as later_order_revenue,
    {{ money('by_month.margin') }} as margin,
    cast(sum(by_month.order_count) over (
        partition by by_month.customer_id order by by_month.month
        rows between unbounded preceding and current row
    ) as integer) as cumulative_order_count,
    {{ money("sum(by_month.net_revenue) over (
        partition by by_month.customer_id order by by_month.month
        rows between unbounded preceding and current row
    )") }} as cumulative_net_revenue,
    {{ money("case
        when count(by_month.margin) over (
            partition by by_month.customer_id order by by_month.month
            rows between unbounded preceding and current row
        ) = count(*) over (
            partition by by_month.customer_id order by by_month.month
            rows between unbounded preceding and current row
        ) then sum(by_month.margin) over (
            partition by by_month.customer_id order by by_month.month
            rows between unbounded preceding and current row
        )
    end") }} as cumulative_margin
from by_month
cross join {{ ref('int_reporting_currency') }} as reporting
