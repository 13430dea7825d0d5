-- The input tables from the Parquet files of the Complete Journey. Given: the variables source
-- (their folder), inner_pad and outer_pad (of the pseudonyms' key). Sets as_of: the end of the
-- last day that was delivered. Every order is completed at once, in dollars, without refund, cost
-- or review.
create temp macro pseudonym(identifier) as substr(sha256(
    getvariable('outer_pad')
    || unhex(sha256(getvariable('inner_pad') || encode(identifier)))
), 1, 32);

create temp table baskets as
select
    basket_id,
    min(household_id) as household_id,
    min(transaction_timestamp) as ordered_at,
    sum(cast(sales_value as decimal(18, 2))) as net_amount,
    sum(cast(retail_disc as decimal(18, 2)) + cast(coupon_match_disc as decimal(18, 2)))
        as discount_amount,
    count(distinct product_id) as product_count
from read_parquet(getvariable('source') || '/transactions.parquet')
group by basket_id;

create temp table offers as
select
    'offer-' || campaigns.campaign_id || '-' || campaigns.household_id as subject_id,
    'offer_sent' as activity,
    campaigns.household_id,
    campaigns.campaign_id,
    descriptions.start_date as occurred_at
from read_parquet(getvariable('source') || '/campaigns.parquet') as campaigns
inner join read_parquet(getvariable('source') || '/campaign_descriptions.parquet') as descriptions
    on campaigns.campaign_id = descriptions.campaign_id
union all
select
    'coupon-' || household_id || '-' || campaign_id || '-' || coupon_upc
    || '-' || cast(redemption_date as date)
    || '-' || row_number() over (
        partition by household_id, campaign_id, coupon_upc, redemption_date
        order by file_row_number
    ) as subject_id,
    'offer_taken' as activity,
    household_id,
    campaign_id,
    redemption_date as occurred_at
from read_parquet(
    getvariable('source') || '/coupon_redemptions.parquet', file_row_number = true
);

set variable as_of = (
    select cast(cast(greatest(
        (select max(ordered_at) from baskets),
        (select max(occurred_at) from offers where activity = 'offer_taken')
    ) as date) + 1 as timestamp)
);

-- A household's only identifier is its number, the contact's id.
create temp table households as
select household_id, pseudonym('contact_id:complete_journey:' || household_id) as customer_id
from (
    select household_id from baskets
    union
    select household_id from offers where occurred_at < getvariable('as_of')
);

create temp table input_contacts as
select
    any_value(customer_id) as customer_id,
    pseudonym('contact:complete_journey:' || household_id) as subject_id,
    cast(null as varchar) as external_id_key,
    cast(null as varchar) as email_key,
    cast(null as varchar) as phone_key,
    'offline' as acquisition_channel,
    'US' as country_code,
    false as is_company,
    cast(null as boolean) as marketing_consent,
    false as is_deleted,
    min(ordered_at) as created_at
from baskets
inner join households using (household_id)
group by household_id;

create temp table input_orders as
select
    cast(basket_id as varchar) as order_id,
    customer_id,
    'completed' as status,
    'offline' as channel,
    'USD' as currency_code,
    1 as rate,
    cast(net_amount + discount_amount as decimal(18, 2)) as items_amount,
    cast(discount_amount as decimal(18, 2)) as discount_amount,
    cast(0 as decimal(18, 2)) as shipping_amount,
    cast(0 as decimal(18, 2)) as tax_amount,
    cast(0 as decimal(18, 2)) as received_amount,
    cast(null as decimal(18, 2)) as cost_amount,
    product_count,
    ordered_at,
    cast(null as timestamp) as promised_at,
    ordered_at as delivered_at
from baskets
inner join households using (household_id);

create temp table input_refunds (
    refund_id varchar, order_id varchar, original_amount decimal(18, 2),
    refund_amount decimal(18, 2), reason varchar, refunded_at timestamp
);

create temp table input_interactions as
select
    customer_id,
    activity,
    subject_id,
    'offline' as channel,
    cast(campaign_id as varchar) as campaign,
    cast(null as varchar) as content_id,
    cast(null as decimal(4, 2)) as sentiment,
    occurred_at
from offers
inner join households using (household_id)
where occurred_at < getvariable('as_of');

create temp table input_reviews (
    review_id varchar, customer_id varchar, order_id varchar, platform varchar, rating integer,
    is_public boolean, reviewed_at timestamp
);

create temp view input_products as
select
    cast(product_id as varchar) as product_id,
    nullif(trim(product_type), '') as product_name,
    nullif(trim(product_category), '') as category,
    nullif(trim(brand), '') as brand,
    cast(null as decimal(18, 6)) as unit_cost
from read_parquet(getvariable('source') || '/products.parquet');
