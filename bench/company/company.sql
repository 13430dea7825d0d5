-- A company of any size, made of hashes: the same number of customers gives the same deliveries. Every draw is
-- uniform(what, whose): no random(), no order of execution. It is hashed twice, as draws would correlate otherwise.
-- Given: the variables customers, opened_at and closed_at (the history's half-open range). generate.py writes the
-- tables as files.
create or replace macro uniform(what, whose) as (hash(hash(whose, what)) >> 11)::double / 9007199254740992.0;
-- A whole number from 0 up, mean `mean`, few large: how often people do things.
create or replace macro geometric(what, whose, mean) as
    least(floor(ln(1 - uniform(what, whose)) / ln(mean / (1 + mean))), 15 * mean)::integer;
create or replace macro pick(what, whose, list) as
    list[1 + floor(uniform(what, whose) * len(list))::integer];

-- People: 15 % are guests, who have only an e-mail address; 20 % have not bought.
create or replace table people as
select
    person,
    is_guest,
    case when not is_guest then lpad(person::varchar, 8, '0') end as contact_id,
    case when is_guest or uniform('has email', person) < 0.92
        then 'person' || person || '@' || pick('host', person, ['example.com', 'example.org', 'mail.example'])
    end as email,
    case when not is_guest and uniform('has phone', person) < 0.5
        then '+420' || lpad((600000000 + person)::varchar, 9, '0') end as phone,
    case when not is_guest and uniform('has external', person) < 0.3 then 'X' || person end as external_id,
    getvariable('opened_at') + to_seconds(floor(uniform('start', person) * 0.98 * history_seconds)) as started_at,
    -- The share of the time since then in which they are active: many stop.
    pow(uniform('active', person), 0.6) as active_share,
    case when uniform('buys', person) < 0.2 then 0
        else 1 + geometric('orders', person, 5.25) end as order_count,
    1 + geometric('interactions', person, 19) as interaction_count,
    case when uniform('country', person) < 0.35 then 'CZ' else pick('where', person, ['DE', 'AT', 'SK', 'PL', 'FR']) end
        as country_code
from (
    select
        range as person,
        uniform('guest', range) < 0.15 as is_guest,
        epoch(getvariable('closed_at')) - epoch(getvariable('opened_at')) as history_seconds
    from range(getvariable('customers'))
);

create or replace table contacts as
select
    contact_id,
    started_at as created_at,
    email,
    phone,
    external_id,
    'Given' || person % 997 as first_name,
    'Family' || person % 9973 as last_name,
    case when uniform('company', person) < 0.05 then 'Company ' || person end as company,
    (date '1950-01-01' + (uniform('born', person) * 20000)::integer) as birth_date,
    pick('gender', person, ['female', 'male', null]) as gender,
    'City ' || (uniform('city', person) * 300)::integer as city,
    country_code,
    pick('channel', person, ['google', 'facebook', 'newsletter', 'referral', 'direct', null]) as acquisition_channel,
    uniform('consent', person) < 0.6 as marketing_consent,
    started_at as updated_at,
    case when uniform('deleted', person) < 0.005 then started_at + interval 90 day end as deleted_at
from people
where not is_guest
order by created_at, contact_id;

-- Orders: spread over the active time, unevenly. Sorted by time, so that numbers grow with time as in a shop.
create or replace table placed as
select
    person,
    nth,
    started_at + to_seconds(floor(
        (epoch(getvariable('closed_at')) - epoch(started_at) - 1) * active_share
        * (nth + 0.9 * uniform('when', person * 1000 + nth)) / order_count
    )) as ordered_at
from (select *, unnest(range(order_count)) as nth from people where order_count > 0)
order by ordered_at, person, nth;

create or replace table orders as
select
    lpad(placed.rowid::varchar, 10, '0') as order_id,
    placed.rowid as order_number,
    person,
    nth,
    ordered_at,
    people.contact_id,
    people.email,
    case
        when draw < 0.03 then 'cancelled'
        when draw < 0.035 then 'failed'
        when draw < 0.05 then 'returned'
        when ordered_at > getvariable('closed_at') - interval 6 day
            then pick('open', placed.rowid, ['placed', 'paid', 'shipped'])
        else 'delivered'
    end as status,
    case when people.country_code = 'CZ' then 'CZK' else 'EUR' end as currency_code,
    1 + geometric('lines', placed.rowid, 1.4) as line_count,
    -- A third of the orders have no amounts of their own.
    uniform('has amount', placed.rowid) < 0.67 as has_amount,
    case when uniform('ships free', placed.rowid) < 0.5 then 0 else 4.90 end as shipping_amount,
    ordered_at + interval 4 day as promised_at,
    ordered_at + to_seconds(floor(86400 * (1 + 5 * pow(uniform('late', placed.rowid), 2)))) as arrived_at,
    pick('order channel', placed.rowid, ['google', 'newsletter', 'direct', 'facebook']) as channel
from (select *, rowid, uniform('fate', rowid) as draw from placed) as placed
inner join people using (person);

create or replace table order_lines as
select
    order_id,
    order_number,
    line_number,
    lpad((5000 * pow(uniform('product', order_number * 100 + line_number), 2))::integer::varchar, 5, '0') as product_id,
    (1 + geometric('quantity', order_number * 100 + line_number, 0.4))::decimal(18, 2) as quantity,
    ((5 + 95 * uniform('price', order_number * 100 + line_number)) * case currency_code when 'CZK' then 25 else 1 end)
        ::decimal(18, 2) as unit_price,
    case when uniform('reduced', order_number * 100 + line_number) < 0.2 then 1.50 else 0 end::decimal(18, 2)
        as discount_amount,
    case when uniform('cost known', order_number * 100 + line_number) < 0.8
        then (unit_price * 0.6)::decimal(18, 2) end as unit_cost
from (select *, unnest(range(1, line_count + 1)) as line_number from orders);

create or replace table order_amounts as
select
    order_number,
    sum(quantity * unit_price)::decimal(18, 2) as items_amount,
    sum(discount_amount)::decimal(18, 2) as discount_amount
from order_lines
group by order_number;

create or replace table delivered_orders as
select
    order_id,
    orders.ordered_at,
    contact_id,
    -- A fifth of those with an account order without an address.
    case when contact_id is null or uniform('mail on order', order_number) < 0.8 then email end as email,
    status,
    currency_code,
    case when has_amount then items_amount end as items_amount,
    case when has_amount then order_amounts.discount_amount end as discount_amount,
    shipping_amount::decimal(18, 2) as shipping_amount,
    (items_amount * 0.17)::decimal(18, 2) as tax_amount,
    case when status in ('delivered', 'returned') then least(arrived_at, getvariable('closed_at') - interval 1 second) end
        as delivered_at,
    promised_at,
    channel,
    coalesce(delivered_at, ordered_at + interval 1 hour) as updated_at
from orders
inner join order_amounts using (order_number)
order by order_number;

create or replace table payments as
select
    'P' || order_id as payment_id,
    order_id,
    ordered_at + interval 2 minute as paid_at,
    pick('method', order_number, ['card', 'transfer', 'cash']) as method,
    (items_amount - order_amounts.discount_amount + shipping_amount + (items_amount * 0.17)::decimal(18, 2))
        ::decimal(18, 2) as amount,
    case when status = 'failed' then 'failed' else 'paid' end as status
from orders
inner join order_amounts using (order_number)
where uniform('payment', order_number) < 0.5
order by order_number;

create or replace table refunds as
select
    'R' || order_id as refund_id,
    order_id,
    arrived_at + interval 3 day as refunded_at,
    case when uniform('wholly', order_number) < 0.5 then items_amount - order_amounts.discount_amount
        else (items_amount * 0.3)::decimal(18, 2) end::decimal(18, 2) as amount,
    amount as items_amount,
    pick('reason', order_number, ['did not fit', 'damaged', 'late']) as reason
from orders
inner join order_amounts using (order_number)
where uniform('refund', order_number) < 0.04 and refunded_at < getvariable('closed_at')
order by order_number;

create or replace table reviews as
select
    'V' || order_id as review_id,
    arrived_at + to_seconds(floor(86400 * 14 * uniform('review delay', order_number))) as reviewed_at,
    case when uniform('review by mail', order_number) < 0.3 and email is not null then null else contact_id end
        as contact_id,
    case when uniform('review by mail', order_number) < 0.3 or contact_id is null then email end as email,
    order_id,
    pick('rating', order_number, [1, 2, 3, 4, 4, 5, 5, 5]) as rating,
    pick('platform', order_number, ['own shop', 'google', 'trustpilot']) as platform,
    uniform('public', order_number) < 0.9 as is_public,
    'body ' || order_number as body
from orders
where status = 'delivered' and uniform('review', order_number) < 0.213 and reviewed_at < getvariable('closed_at')
order by reviewed_at, order_number;

-- Interactions over the same active time: on the web by account, mails by address, 4 % by neither.
create or replace table interactions as
select
    occurred_at,
    person,
    case when kind not in ('email_sent', 'email_opened', 'email_clicked') and draw >= 0.04 then contact_id end
        as contact_id,
    case when (contact_id is null or kind in ('email_sent', 'email_opened', 'email_clicked')) and draw >= 0.04
        then coalesce(email, 'nobody' || person || '@example.com') end as email,
    kind,
    case when kind = 'email_sent' then 'outbound' else 'inbound' end as direction,
    case when kind like 'email%' then 'email' else 'web' end as channel,
    case when kind like 'email%' then 'campaign ' || (uniform('campaign', key) * 200)::integer end as campaign,
    case when kind in ('content_view', 'knowledge_base_view')
        then 'content ' || (uniform('content', key) * 500)::integer end
        as content_id,
    case when kind = 'social_post' then (2 * uniform('sentiment', key) - 1)::decimal(4, 2) end as sentiment
from (
    select
        person,
        contact_id,
        email,
        person * 1000 + nth as key,
        uniform('anonymous', person * 1000 + nth) as draw,
        started_at + to_seconds(floor(
            (epoch(getvariable('closed_at')) - epoch(started_at) - 1) * active_share
            * (nth + uniform('moment', person * 1000 + nth)) / interaction_count
        )) as occurred_at,
        pick('kind', person * 1000 + nth, [
            'page_view', 'page_view', 'page_view', 'page_view', 'page_view', 'page_view', 'page_view',
            'content_view', 'content_view', 'knowledge_base_view', 'email_sent', 'email_sent', 'email_sent',
            'email_opened', 'email_opened', 'email_clicked', 'inquiry', 'chat', 'offer_sent', 'social_post'
        ]) as kind
    from (select *, unnest(range(interaction_count)) as nth from people)
)
order by occurred_at, key;

create or replace table products as
select
    lpad(range::varchar, 5, '0') as product_id,
    'Product ' || range as name,
    'Category ' || range % 40 as category,
    'Brand ' || range % 90 as brand,
    (3 + 57 * uniform('unit cost', range))::decimal(18, 2) as unit_cost
from range(5001);

create or replace table currency_rates as
select
    day::date as rate_date,
    currency_code,
    case currency_code when 'EUR' then 1 else 0.038 + 0.004 * uniform('rate', epoch(day)::bigint) end::decimal(18, 6)
        as rate
from generate_series(
    getvariable('opened_at'), getvariable('closed_at') + interval 10 day, interval 1 day
) as days (day)
cross join (values ('CZK'), ('EUR')) as currencies (currency_code)
order by rate_date, currency_code;
