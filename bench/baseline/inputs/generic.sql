-- The input tables from files in the generic format, for the benchmark's company alone. Given: the
-- variables source (a folder of entities) and as_of. The company delivers no checkouts, tickets,
-- surveys, referrals or loyalty entries. Identity resolution is one rule: the e-mail address of a
-- contact belongs to that contact. A customer_id is a plain hash.
create temp table contacts as
select
    *,
    md5(contact_id) as customer_id,
    deleted_at is not null and deleted_at < getvariable('as_of') as is_deleted
from read_parquet(getvariable('source') || '/contacts/*.parquet', filename = true)
where created_at < getvariable('as_of')
qualify row_number() over (partition by contact_id order by updated_at desc, filename desc) = 1;

create temp table input_contacts as
select
    customer_id,
    customer_id as subject_id,
    md5(external_id) as external_id_key,
    md5(email) as email_key,
    md5(phone) as phone_key,
    acquisition_channel,
    country_code,
    company is not null as is_company,
    marketing_consent,
    is_deleted,
    created_at
from contacts;

create temp table addresses as
select email, min(customer_id) as customer_id from contacts where email is not null group by email;
drop table contacts;

create temp table rates as
select rate_date, currency_code, rate
from read_parquet(getvariable('source') || '/currency_rates/*.parquet', filename = true)
qualify row_number() over (partition by rate_date, currency_code order by filename desc) = 1;

create temp table line_totals as
select
    order_id,
    sum(quantity * unit_price)::decimal(18, 2) as items_amount,
    sum(discount_amount)::decimal(18, 2) as discount_amount,
    coalesce(sum(quantity * order_lines.unit_cost), 0)::decimal(18, 2) as stated_cost_amount,
    coalesce(
        sum(quantity * products.unit_cost) filter (order_lines.unit_cost is null), 0
    )::decimal(18, 2) as product_cost_amount,
    count(distinct product_id) as product_count
from read_parquet(getvariable('source') || '/order_lines/*.parquet') as order_lines
left join read_parquet(getvariable('source') || '/products/*.parquet') as products
    using (product_id)
group by order_id;

create temp table order_versions as
select *
from read_parquet(getvariable('source') || '/orders/*.parquet', filename = true)
where ordered_at < getvariable('as_of')
qualify row_number() over (partition by order_id order by updated_at desc, filename desc) = 1;

create temp table input_orders as
with payments as (
    select order_id, sum(amount)::decimal(18, 2) as received_amount
    from read_parquet(getvariable('source') || '/payments/*.parquet')
    where status = 'paid' and paid_at < getvariable('as_of')
    group by order_id
)
select
    orders.order_id,
    coalesce(md5(orders.contact_id), addresses.customer_id, md5(orders.email)) as customer_id,
    orders.status,
    orders.channel,
    orders.currency_code,
    coalesce(rates.rate, 1) as rate,
    coalesce(orders.items_amount, line_totals.items_amount) as items_amount,
    coalesce(orders.discount_amount, line_totals.discount_amount, 0) as discount_amount,
    orders.shipping_amount,
    orders.tax_amount,
    coalesce(payments.received_amount, 0) as received_amount,
    (stated_cost_amount * coalesce(rates.rate, 1) + product_cost_amount)::decimal(18, 2)
        as cost_amount,
    coalesce(line_totals.product_count, 0) as product_count,
    orders.ordered_at,
    orders.promised_at,
    orders.delivered_at
from order_versions as orders
left join addresses
    on case when orders.contact_id is null then orders.email end = addresses.email
left join line_totals using (order_id)
left join payments using (order_id)
left join rates
    on orders.currency_code = rates.currency_code and orders.ordered_at::date = rates.rate_date;
drop table line_totals;

create temp table input_refunds as
select
    refund_id,
    order_id,
    amount as original_amount,
    (amount * coalesce(rates.rate, 1))::decimal(18, 2) as refund_amount,
    reason,
    refunded_at
from read_parquet(getvariable('source') || '/refunds/*.parquet') as refunds
inner join order_versions as orders using (order_id)
left join rates
    on orders.currency_code = rates.currency_code and refunded_at::date = rates.rate_date
where refunded_at < getvariable('as_of');
drop table order_versions;

create temp view input_interactions as
select
    coalesce(md5(contact_id), addresses.customer_id, md5(interactions.email)) as customer_id,
    kind as activity,
    interaction_id as subject_id,
    channel,
    campaign,
    content_id,
    sentiment,
    occurred_at
from read_parquet(getvariable('source') || '/interactions/*.parquet') as interactions
left join addresses
    on case when interactions.contact_id is null then interactions.email end = addresses.email
where occurred_at < getvariable('as_of');

create temp view input_reviews as
select
    review_id,
    coalesce(md5(contact_id), addresses.customer_id, md5(reviews.email)) as customer_id,
    order_id,
    platform,
    rating::integer as rating,
    is_public,
    reviewed_at
from read_parquet(getvariable('source') || '/reviews/*.parquet') as reviews
left join addresses
    on case when reviews.contact_id is null then reviews.email end = addresses.email
where reviewed_at < getvariable('as_of');

create temp view input_products as
select product_id, name as product_name, category, brand, unit_cost::decimal(18, 6) as unit_cost
from read_parquet(getvariable('source') || '/products/*.parquet');
