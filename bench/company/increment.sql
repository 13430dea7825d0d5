-- One day's delivery on top of the history: what a share of the customers did that day, what arrived late, and what was
-- corrected. Given: the tables and variables of company.sql, share, and increment (a text, its number); closed_at is
-- where the day begins. A share of 0.01 gives one order record for 333 of the history, and 4 interactions for 2,000.
create or replace temp table affected as
select
    *,
    row_number() over (order by person) as nth,
    person < 0 as is_new
from people
where uniform('increment ' || getvariable('increment'), person) < getvariable('share');

create or replace temp table increment_placed as
select
    'N' || getvariable('increment') || '-' || lpad(nth::varchar, 8, '0') || suffix as order_id,
    affected.nth * 2 + (suffix = 'L')::integer as seed,
    contact_id,
    email,
    country_code,
    case suffix
        when 'L' then getvariable('closed_at') - to_seconds(floor(86400 * (1 + 9 * uniform('how late', person))))
        else getvariable('closed_at') + to_seconds(floor(86399 * uniform('time today', person)))
    end as ordered_at,
    case suffix
        when 'L' then 'delivered'
        else pick('status today', person, ['placed', 'paid', 'paid', 'shipped'])
    end as status
from affected
cross join (values (''), ('L')) as kinds (suffix)
-- A new order each; a quarter have another one that arrives late.
where suffix = '' or uniform('has late', person) < 0.25;

create or replace temp table increment_order_lines as
select
    order_id,
    line_number,
    lpad((5000 * uniform('increment product', seed * 10 + line_number))::integer::varchar, 5, '0') as product_id,
    1::decimal(18, 2) as quantity,
    ((5 + 95 * uniform('increment price', seed * 10 + line_number)) * case country_code when 'CZ' then 25 else 1 end)
        ::decimal(18, 2) as unit_price,
    0::decimal(18, 2) as discount_amount,
    null::decimal(18, 2) as unit_cost
from (select *, unnest(range(1, 2 + seed % 3)) as line_number from increment_placed);

create or replace temp table increment_orders as
select
    order_id, ordered_at, contact_id, email, status,
    case country_code when 'CZ' then 'CZK' else 'EUR' end as currency_code,
    items_amount,
    0::decimal(18, 2) as discount_amount,
    4.90::decimal(18, 2) as shipping_amount,
    (items_amount * 0.17)::decimal(18, 2) as tax_amount,
    case when status = 'delivered' then getvariable('closed_at') + interval 1 hour end as delivered_at,
    ordered_at + interval 4 day as promised_at,
    'newsletter' as channel,
    getvariable('closed_at') + interval 20 hour as updated_at
from increment_placed
inner join (
    select order_id, sum(quantity * unit_price)::decimal(18, 2) as items_amount
    from increment_order_lines
    group by order_id
) using (order_id)
union all
-- Corrections: the newest order of a quarter of the customers was delivered or returned.
select
    latest.* replace (
        case when status in ('placed', 'paid', 'shipped') then 'delivered' else 'returned' end as status,
        getvariable('closed_at') + interval 9 hour as delivered_at,
        getvariable('closed_at') + interval 10 hour as updated_at
    )
from (
    select delivered_orders.*
    from delivered_orders
    inner join (
        select max(order_id) as order_id
        from orders
        where person in (select person from affected where uniform('corrected', person) < 0.27)
        group by person
    ) using (order_id)
) as latest
order by ordered_at, order_id;

create or replace temp table increment_payments as
select 'P' || order_id as payment_id, order_id, ordered_at + interval 2 minute as paid_at, 'card' as method,
    (items_amount + shipping_amount + tax_amount)::decimal(18, 2) as amount, 'paid' as status
from increment_orders
where order_id like 'N%' and uniform('increment payment', order_id) < 0.5
order by payment_id;

create or replace temp table increment_refunds as
select 'R' || getvariable('increment') || '-' || order_id as refund_id, order_id,
    getvariable('closed_at') + interval 11 hour as refunded_at,
    tax_amount::decimal(18, 2) as amount, tax_amount::decimal(18, 2) as items_amount,
    'damaged' as reason
from increment_orders
where order_id not like 'N%' and status = 'returned'
order by refund_id;

create or replace temp table increment_reviews as
select 'V' || getvariable('increment') || '-' || contact_id as review_id,
    getvariable('closed_at') + interval 12 hour as reviewed_at,
    contact_id, null::varchar as email, null::varchar as order_id, pick('increment rating', person, [1, 3, 4, 5]) as rating,
    'google' as platform, true as is_public, 'body' as body
from affected
where contact_id is not null and uniform('increment review', person) < 0.2
order by review_id;

-- Four interactions each, an eighth of them late by up to three days.
create or replace temp table increment_interactions as
select
    getvariable('closed_at') + to_seconds(floor(86399 * uniform('minute', key)))
        - case when uniform('late visit', key) < 0.125 then to_days(1 + key % 3) else interval 0 day end as occurred_at,
    'N' || getvariable('increment') || '-' || key as interaction_id,
    contact_id,
    case when contact_id is null then email end as email,
    pick('increment kind', key, ['page_view', 'page_view', 'content_view', 'inquiry']) as kind,
    'inbound' as direction,
    'web' as channel,
    null::varchar as campaign,
    null::varchar as content_id,
    null::decimal(4, 2) as sentiment
from (select *, unnest(range(4)) as visit, person * 4 + visit as key from affected)
order by occurred_at, interaction_id;

-- New people, and one in fifty of the affected, who changed their address.
create or replace temp table increment_contacts as
select
    contacts.* replace (
        case when uniform('which change', contact_id) < 0.5 then 'changed-' || contact_id || '@example.com'
            else coalesce(email, 'later-' || contact_id || '@example.com') end as email,
        getvariable('closed_at') + interval 13 hour as updated_at
    )
from contacts
where contact_id in (select contact_id from affected where uniform('contact changes', person) < 0.02)
union all
select
    contacts.* replace (
        'N' || getvariable('increment') || '-' || contact_id as contact_id,
        getvariable('closed_at') + interval 5 hour as created_at,
        getvariable('closed_at') + interval 5 hour as updated_at,
        null as deleted_at,
        'new-' || getvariable('increment') || '-' || contact_id || '@example.com' as email,
        null as phone,
        null as external_id
    )
from contacts
where contact_id in (select contact_id from affected where uniform('joins', person) < 0.05)
order by contact_id;
