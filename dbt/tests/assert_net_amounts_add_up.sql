-- Net equals gross minus discount minus refund, for each order and each customer, and conversion
-- does not change orders in the reporting currency.
{{ config(meta={'dagster': {'ref': {'name': 'fct_orders'}}}) }}
with orders as (
    select
        items_amount,
        discount_amount,
        refund_amount,
        net_amount,
        original_net_amount,
        currency_code,
        original_currency_code
    from {{ ref('fct_orders') }}
),

customers as (
    select
        lifetime_gross_revenue,
        lifetime_discount_amount,
        lifetime_refund_amount,
        lifetime_net_revenue
    from {{ ref('dim_customers') }}
),

violations as (
    select 'net of an order is not items - discount - refund' as violation, net_amount
    from orders
    where net_amount <> items_amount - discount_amount - refund_amount
    union all
    select 'net in the reporting currency differs from the original' as violation, net_amount
    from orders
    where
        currency_code = original_currency_code
        and net_amount <> original_net_amount
    union all
    select 'net of a customer is not gross - discount - refund' as violation, lifetime_net_revenue
    from customers
    where
        lifetime_net_revenue
        <> lifetime_gross_revenue - lifetime_discount_amount - lifetime_refund_amount
)

select * from violations
