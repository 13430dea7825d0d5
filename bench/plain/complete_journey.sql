-- The limit that the product is measured against: the marts of system complete_journey in plain SQL, written
-- for this one source and no other, as short and as fast as we could make it. Nothing is kept on the way:
-- no raw tables, no ledger, no checks. `python -m bench complete_journey --check` proves that the result
-- is the product's, row for row.
-- Given by run.py: the variables source, seeds, inner_pad, outer_pad (of the pseudonym's key), and the new
-- file attached as `marts`, in use. What the models decide from data is a constant here where the source
-- leaves no choice: every order is completed on the spot, in dollars, without refund, cost or review.
set TimeZone = 'UTC';
set preserve_insertion_order = false;

create schema core;
create schema lifecycle;
create schema value;
create schema care;

create temp table thresholds as
select threshold, value from read_csv(
    getvariable('seeds') || '/thresholds.csv',
    header = true, columns = {threshold: 'varchar', value: 'decimal(18, 4)', unit: 'varchar', description: 'varchar'}
);
create temp macro threshold(name) as (select value from thresholds where thresholds.threshold = name);
set variable loyal_order_count = (select cast(threshold('loyal_order_count') as integer));
set variable loyal_window = (select to_days(cast(threshold('loyal_window_days') as integer)));
set variable gap_multiple = (select threshold('lapse_gap_multiple'));
set variable lapse_floor = (select threshold('lapse_floor_days'));
set variable lapse_ceiling = (select threshold('lapse_ceiling_days'));
set variable lapse_default = (select threshold('lapse_default_days'));
set variable lapse_minimum_orders = (select threshold('lapse_minimum_orders'));
set variable strength_window = (select to_days(cast(threshold('strength_window_days') as integer)));
set variable recency_days = (select cast(threshold('strength_recency_days') as double));
set variable strength_orders = (select cast(threshold('strength_order_count') as double));
set variable strength_interactions = (select cast(threshold('strength_interaction_count') as double));
set variable neutral_share = (select cast(threshold('strength_neutral_share') as double));
set variable rfm_bands = (select cast(threshold('rfm_bands') as integer));
set variable persona_orders = (select threshold('persona_order_count'));
set variable persona_discount = (select threshold('persona_discount_share'));

create temp table care_actions as from read_csv(getvariable('seeds') || '/care_actions.csv', header = true);

-- What was delivered ------------------------------------------------------------------------------------
create temp table baskets as
select
    basket_id,
    min(household_id) as household_id,
    min(transaction_timestamp) as ordered_at,
    sum(cast(sales_value as decimal(18, 2))) as net_amount,
    sum(cast(retail_disc as decimal(18, 2)) + cast(coupon_match_disc as decimal(18, 2))) as discount_amount
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
    'coupon-' || household_id || '-' || campaign_id || '-' || coupon_upc || '-' || cast(redemption_date as date)
    || '-' || row_number() over (
        partition by household_id, campaign_id, coupon_upc, redemption_date order by file_row_number
    ) as subject_id,
    'offer_taken' as activity,
    household_id,
    campaign_id,
    redemption_date as occurred_at
from read_parquet(getvariable('source') || '/coupon_redemptions.parquet', file_row_number = true);

set variable as_of_date = (
    select cast(greatest(
        (select max(ordered_at) from baskets),
        (select max(occurred_at) from offers where activity = 'offer_taken')
    ) as date) + 1
);
set variable as_of = (select cast(getvariable('as_of_date') as timestamp));
delete from offers where occurred_at >= getvariable('as_of');

-- One row per household, with its pseudonym: HMAC-SHA256 of its only identifier. ------------------------
create temp table households as
select
    household_id,
    substr(sha256(getvariable('outer_pad') || unhex(sha256(
        getvariable('inner_pad') || encode('contact_id:complete_journey:' || household_id)
    ))), 1, 32) as customer_id
from (
    select household_id from baskets
    union
    select household_id from offers
);

create temp table orders as
with numbered as (
    select
        *,
        row_number() over by_time as order_number,
        min(ordered_at) over (partition by household_id) as first_ordered_at,
        lead(ordered_at) over by_time as next_ordered_at,
        lag(ordered_at, getvariable('loyal_order_count') - 1) over by_time as loyal_since_at
    from baskets
    window by_time as (partition by household_id order by ordered_at, cast(basket_id as varchar))
)
select
    numbered.*,
    households.customer_id,
    cast(case
        when order_number < getvariable('lapse_minimum_orders') then getvariable('lapse_default')
        else least(greatest(
            cast(getvariable('gap_multiple') * 10000 as bigint)
            * (cast(floor(epoch(ordered_at)) as bigint) - cast(floor(epoch(first_ordered_at)) as bigint))
            // (864000000 * (order_number - 1)),
            getvariable('lapse_floor')
        ), getvariable('lapse_ceiling'))
    end as integer) as lapse_window_days,
    ordered_at + to_days(lapse_window_days) as lapse_ends_at
from numbered
inner join households using (household_id);

-- core: events ------------------------------------------------------------------------------------------
create table core.fct_orders as
select
    cast(basket_id as varchar) as order_id,
    'complete_journey' as source_system,
    customer_id,
    'completed' as status,
    'offline' as channel,
    cast(null as varchar) as campaign,
    'USD' as currency_code,
    'USD' as original_currency_code,
    cast(order_number as integer) as customer_order_number,
    cast(net_amount + discount_amount as decimal(18, 2)) as items_amount,
    cast(discount_amount as decimal(18, 2)) as discount_amount,
    cast(0 as decimal(18, 2)) as refund_amount,
    cast(net_amount as decimal(18, 2)) as net_amount,
    cast(0 as decimal(18, 2)) as shipping_amount,
    cast(0 as decimal(18, 2)) as tax_amount,
    cast(net_amount as decimal(18, 2)) as original_net_amount,
    true as is_counted,
    false as was_delivered_late,
    ordered_at,
    cast(null as timestamp) as promised_at,
    ordered_at as delivered_at
from orders;

create table core.fct_customer_activities as
with happened as (
    select
        customer_id, 'order_placed' as activity, cast(basket_id as varchar) as subject_id,
        cast(null as varchar) as campaign, cast(net_amount as decimal(18, 2)) as amount, true as is_touch, ordered_at as occurred_at
    from orders
    union all
    select customer_id, 'order_delivered', cast(basket_id as varchar), null, null, false, ordered_at
    from orders
    union all
    select customer_id, 'contact_created', substr(sha256(getvariable('outer_pad') || unhex(sha256(
        getvariable('inner_pad') || encode('contact:complete_journey:' || household_id)
    ))), 1, 32), null, null, true, ordered_at
    from orders
    where order_number = 1
    union all
    select customer_id, activity, subject_id, cast(campaign_id as varchar), null, true, occurred_at
    from offers
    inner join households using (household_id)
)
select
    md5('complete_journey|' || activity || '|' || subject_id) as activity_key,
    customer_id,
    'complete_journey' as source_system,
    activity,
    subject_id,
    'offline' as channel,
    campaign,
    amount,
    is_touch,
    false as is_inquiry,
    false as is_advocacy_signal,
    occurred_at
from happened;

create table core.fct_reviews (
    review_id varchar, source_system varchar, customer_id varchar, order_id varchar, product_id varchar,
    platform varchar, rating integer, is_public boolean, is_verified boolean, reviewed_at timestamp,
    reply_at timestamp
);

create table core.dim_products as
select
    cast(product_id as varchar) as product_id,
    'complete_journey' as source_system,
    nullif(trim(product_type), '') as product_name,
    nullif(trim(product_category), '') as category,
    nullif(trim(brand), '') as brand,
    cast(null as decimal(18, 6)) as unit_cost
from read_parquet(getvariable('source') || '/products.parquet');

create table core.dim_lifecycle_stages as
select
    lifecycle,
    stage,
    cast(stage_rank as integer) as rank,
    is_loss,
    label_en,
    label_cs,
    customer_description,
    care_description
from read_csv(getvariable('seeds') || '/lifecycle_stages.csv', header = true)
where lifecycle in ('relationship', 'journey');

create table core.dim_dates as
select
    cast(day as date) as date_day,
    cast(date_trunc('month', day) as date) as month_start_date,
    cast(year(day) as integer) as year_number,
    cast(month(day) as integer) as month_number,
    cast(day(day) as integer) as day_of_month
from generate_series(
    (select date_trunc('day', least(min(occurred_at), (select min(ordered_at) from orders))) from offers),
    getvariable('as_of') - interval 1 day,
    interval 1 day
) as days (day);

-- What each customer did and bought, one row each -------------------------------------------------------
create temp table touched as
select
    household_id,
    min(occurred_at) as first_offer_at,
    max(occurred_at) as last_offer_at,
    min_by(activity, (occurred_at, activity)) as first_offer,
    cast(count(*) as integer) as offer_count,
    cast(count(*) filter (occurred_at >= getvariable('as_of') - getvariable('strength_window')) as integer)
        as recent_offer_count,
    cast(count(*) filter (activity = 'offer_sent') as integer) as offer_sent_count,
    cast(count(*) filter (activity = 'offer_taken') as integer) as offer_taken_count
from offers
group by household_id;

create temp table bought as
select
    household_id,
    cast(count(*) as integer) as order_count,
    min(ordered_at) as first_order_at,
    max(ordered_at) as last_order_at,
    cast(sum(net_amount + discount_amount) as decimal(18, 2)) as gross_amount,
    cast(sum(discount_amount) as decimal(18, 2)) as discount_amount,
    cast(sum(net_amount) as decimal(18, 2)) as net_amount,
    cast(count(*) filter (ordered_at + getvariable('loyal_window') >= getvariable('as_of')) as integer)
        as orders_in_loyalty_window,
    count(*) filter (ordered_at >= getvariable('as_of') - getvariable('strength_window')) as recent_order_count,
    cast(max_by(net_amount, order_number) as decimal(18, 2)) as last_order_net_amount,
    max_by(lapse_window_days, order_number) as lapse_window_days,
    max_by(lapse_ends_at, order_number) as lapse_ends_at
from orders
group by household_id;

create temp table customers as
select
    households.household_id,
    households.customer_id,
    least(bought.first_order_at, touched.first_offer_at) as first_seen_at,
    greatest(bought.last_order_at, touched.last_offer_at) as last_active_at,
    touched.first_offer,
    coalesce(touched.first_offer_at < coalesce(bought.first_order_at, getvariable('as_of')), false) as was_prospect,
    coalesce(touched.offer_sent_count, 0) as offer_sent_count,
    coalesce(touched.offer_taken_count, 0) as offer_taken_count,
    -- An order is a touch, and so is the contact's creation with the first of them.
    coalesce(touched.offer_count, 0) + coalesce(bought.order_count + 1, 0) as activity_count,
    coalesce(touched.recent_offer_count, 0) + coalesce(
        bought.recent_order_count
        + case when bought.first_order_at >= getvariable('as_of') - getvariable('strength_window') then 1 else 0 end,
        0
    ) as recent_activity_count,
    coalesce(bought.order_count, 0) as order_count,
    bought.* exclude (household_id, order_count)
from households
left join touched using (household_id)
left join bought using (household_id);

-- lifecycle ---------------------------------------------------------------------------------------------
create table lifecycle.fct_customer_stage_intervals as
with moments as (
    select
        customer_id,
        'relationship' as lifecycle,
        ordered_at as valid_from,
        case
            when loyal_since_at > ordered_at - getvariable('loyal_window') then 'loyal'
            when order_number > 1 then 'repeat_purchase'
            else 'first_purchase'
        end as stage,
        'order_placed' as entered_by
    from orders
    where next_ordered_at is distinct from ordered_at
    union all
    select customer_id, 'relationship', loyal_since_at + getvariable('loyal_window'), 'repeat_purchase', 'loyalty_window_ended'
    from orders
    where
        loyal_since_at > ordered_at - getvariable('loyal_window')
        and loyal_since_at + getvariable('loyal_window')
        < least(lapse_ends_at, getvariable('as_of'), coalesce(next_ordered_at, getvariable('as_of')))
    union all
    select customer_id, 'relationship', lapse_ends_at, 'lost', 'lapse_window_ended'
    from orders
    where
        lapse_ends_at < getvariable('as_of')
        and (next_ordered_at is null or next_ordered_at > lapse_ends_at)
    union all
    select customer_id, 'relationship', first_seen_at, 'prospect', first_offer from customers where was_prospect
    union all
    select customer_id, 'journey', first_seen_at, 'discovery', first_offer from customers where was_prospect
    union all
    select customer_id, 'journey', first_order_at, 'post_purchase_engagement', 'order_delivered'
    from customers
    where order_count > 0
),
entries as (
    select *, lag(stage) over (partition by customer_id, lifecycle order by valid_from) as previous_stage
    from moments
    qualify previous_stage is distinct from stage
),
intervals as (
    select
        *,
        lead(stage) over by_time as next_stage,
        lead(valid_from) over by_time as valid_to,
        row_number() over (partition by customer_id, lifecycle, stage order by valid_from) as entry_number
    from entries
    window by_time as (partition by customer_id, lifecycle order by valid_from)
)
select
    customer_id,
    lifecycle,
    stage,
    previous_stage,
    next_stage,
    entered_by,
    cast(entry_number as integer) as entry_number,
    cast(floor((
        cast(floor(epoch(coalesce(valid_to, getvariable('as_of')))) as bigint) - cast(floor(epoch(valid_from)) as bigint)
    ) / 86400) as integer) as duration_days,
    valid_to is null as is_current,
    valid_from,
    valid_to
from intervals;

-- care --------------------------------------------------------------------------------------------------
-- Households ask nothing, complain of nothing and start no checkouts: the one condition that can hold is a delivery
-- without a review, and nobody writes any.
create table care.fct_care_actions as
with records as (
    select customer_id, activity, occurred_at, activity_key from core.fct_customer_activities
    union all
    select customer_id, 'lapse_window_ended', lapse_ends_at, md5('complete_journey|order_placed|' || basket_id)
    from orders
    union all
    select
        customer_id, 'loyalty_window_ended', ordered_at + getvariable('loyal_window'),
        md5('complete_journey|order_placed|' || basket_id)
    from orders
),
stays as (
    select intervals.customer_id, lifecycle, stage, entered_by, valid_from, min(activity_key) as activity_key
    from lifecycle.fct_customer_stage_intervals as intervals
    inner join records
        on intervals.customer_id = records.customer_id
        and intervals.entered_by = records.activity
        and intervals.valid_from = records.occurred_at
    where is_current
    group by all
),
deliveries as (
    select customer_id, occurred_at, min(activity_key) as activity_key
    from core.fct_customer_activities
    where activity = 'order_delivered'
    group by customer_id, occurred_at
    qualify row_number() over (partition by customer_id order by occurred_at) = 1
),
called as (
    select
        stays.* exclude (activity_key),
        care_actions.* exclude (lifecycle, stage),
        case when condition is null then entered_by else 'order_delivered' end as evidence,
        case when condition is null then stays.activity_key else deliveries.activity_key end as evidence_activity_key,
        case when condition is null then valid_from else greatest(valid_from, deliveries.occurred_at) end as called_for_at
    from stays
    inner join care_actions using (lifecycle, stage)
    left join deliveries using (customer_id)
    where condition is null or (condition = 'delivered_without_review' and deliveries.customer_id is not null)
),
done as (
    select called.customer_id, lifecycle, care_action, min(activities.occurred_at) as done_at
    from called
    inner join read_csv(getvariable('seeds') || '/care_responses.csv', header = true) as responses using (care_action)
    inner join core.fct_customer_activities as activities
        on called.customer_id = activities.customer_id
        and responses.activity = activities.activity
        and called.called_for_at <= activities.occurred_at
    where activities.activity = 'offer_sent'
    group by all
)
select
    customer_id,
    lifecycle,
    stage,
    care_action as action,
    condition,
    reason,
    evidence,
    evidence_activity_key,
    cast(priority as integer) as priority,
    row_number() over (partition by customer_id, lifecycle order by done_at is not null, priority) = 1 as is_next,
    cast(called_for_at + to_days(cast(due_after_days as integer)) as date) as due_date,
    called_for_at,
    done_at
from called
left join done using (customer_id, lifecycle, care_action);

create temp table current_stages as
select intervals.*, care.action, care.due_date as care_due_date, evidence.evidence_activity_key
from lifecycle.fct_customer_stage_intervals as intervals
inner join care.fct_care_actions as care using (customer_id, lifecycle)
inner join (
    select distinct customer_id, lifecycle, evidence_activity_key from care.fct_care_actions where condition is null
) as evidence using (customer_id, lifecycle)
where intervals.is_current and care.is_next;

create table core.dim_customers as
with strengths as (
    select
        customer_id,
        cast(floor(20 * greatest(
            1 - datediff('day', cast(last_active_at as date), getvariable('as_of_date')) / getvariable('recency_days'), 0
        ) + 0.5) as integer)
        + cast(floor(20 * least(coalesce(recent_order_count, 0) / getvariable('strength_orders'), 1) + 0.5) as integer)
        + cast(floor(20 * least(recent_activity_count / getvariable('strength_interactions'), 1) + 0.5) as integer)
        + 2 * cast(floor(20 * getvariable('neutral_share') + 0.5) as integer) as relationship_strength
    from customers
)
select
    customers.customer_id,
    'offline' as acquisition_channel,
    case
        when order_count >= getvariable('persona_orders') then 'enthusiast'
        when gross_amount > 0 and discount_amount >= getvariable('persona_discount') * gross_amount
            then 'bargain_hunter'
        when order_count > 0 then 'occasional_buyer'
        else 'browser'
    end as persona,
    case when order_count > 0 then 'US' end as country_code,
    relationship.stage as relationship_stage,
    journey.stage as journey_stage,
    relationship.action as next_care_action,
    'USD' as currency_code,
    order_count as counted_order_count,
    cast(coalesce(gross_amount, 0) as decimal(18, 2)) as lifetime_gross_revenue,
    cast(coalesce(discount_amount, 0) as decimal(18, 2)) as lifetime_discount_amount,
    cast(0 as decimal(18, 2)) as lifetime_refund_amount,
    cast(coalesce(net_amount, 0) as decimal(18, 2)) as lifetime_net_revenue,
    relationship_strength,
    false as is_marketable,
    first_seen_at,
    last_active_at,
    relationship.valid_from as relationship_stage_since,
    journey.valid_from as journey_stage_since,
    first_order_at,
    last_order_at
from customers
inner join strengths using (customer_id)
inner join current_stages as relationship
    on customers.customer_id = relationship.customer_id and relationship.lifecycle = 'relationship'
inner join current_stages as journey
    on customers.customer_id = journey.customer_id and journey.lifecycle = 'journey';

-- The ten stage tables: the same beginning, then the stage's own indicators.
create temp table beginnings as
select
    current_stages.customer_id,
    dim_customers.persona,
    dim_customers.country_code,
    dim_customers.acquisition_channel,
    current_stages.entered_by,
    current_stages.evidence_activity_key,
    current_stages.previous_stage,
    current_stages.entry_number,
    current_stages.action as next_care_action,
    current_stages.care_due_date,
    dim_customers.is_marketable,
    dim_customers.relationship_strength,
    current_stages.duration_days as days_in_stage,
    current_stages.stage,
    current_stages.valid_from as stage_since
from current_stages
inner join core.dim_customers as dim_customers using (customer_id);

create temp table indicators as
select
    customer_id,
    'offline' as first_touch_channel,
    last_active_at,
    activity_count,
    offer_sent_count,
    offer_taken_count,
    order_count as counted_order_count,
    order_count as delivered_order_count,
    coalesce(orders_in_loyalty_window, 0) as orders_in_loyalty_window,
    first_order_at,
    last_order_at,
    last_order_at as last_delivered_at,
    case
        when order_count > 1
            then cast(
                datediff('day', cast(first_order_at as date), cast(last_order_at as date))
                / cast(order_count - 1 as decimal(18, 6)) as decimal(18, 6)
            )
    end as average_days_between_orders,
    cast(datediff('day', cast(last_order_at as date), getvariable('as_of_date')) - 1 as integer)
        as days_since_last_order,
    cast(coalesce(net_amount, 0) as decimal(18, 2)) as lifetime_net_revenue,
    last_order_net_amount,
    lapse_window_days,
    cast(lapse_ends_at as date) as lapse_date,
    cast(0 as integer) as nothing,
    cast(0 as decimal(18, 6)) as no_points,
    cast(null as decimal(18, 6)) as no_average,
    cast(null as integer) as no_score,
    cast(null as timestamp) as no_time,
    cast(null as varchar) as no_reason
from customers;

create table lifecycle.customers_in_advocacy as
select
    beginnings.* exclude (stage, stage_since),
    nothing as advocacy_signal_count, nothing as review_count, no_average as average_rating,
    no_score as last_nps_score, nothing as referral_count, counted_order_count,
    lifetime_net_revenue, no_points as loyalty_points_balance, stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'advocacy';

create table lifecycle.customers_in_discovery as
select
    beginnings.* exclude (stage, stage_since),
    first_touch_channel, activity_count, nothing as page_view_count, nothing as content_view_count,
    last_active_at, stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'discovery';

create table lifecycle.customers_in_education as
select
    beginnings.* exclude (stage, stage_since),
    nothing as inquiry_count, nothing as knowledge_base_view_count, nothing as demo_or_trial_count,
    nothing as ticket_count, nothing as open_ticket_count, nothing as content_view_count,
    last_active_at, stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'education';

create table lifecycle.customers_in_first_purchase as
select
    beginnings.* exclude (stage, stage_since),
    first_order_at, days_since_last_order, last_order_net_amount, nothing as late_delivery_count,
    no_average as average_rating, no_average as average_csat_score, nothing as open_ticket_count,
    lapse_date, stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'first_purchase';

create table lifecycle.customers_in_lost as
select
    beginnings.* exclude (stage, stage_since),
    counted_order_count, last_order_at, days_since_last_order, lapse_window_days,
    lifetime_net_revenue, no_average as average_rating, nothing as
    open_ticket_count, nothing as late_delivery_count, nothing as win_back_offer_count, stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'lost';

create table lifecycle.customers_in_loyal as
select
    beginnings.* exclude (stage, stage_since),
    counted_order_count, orders_in_loyalty_window, average_days_between_orders,
    days_since_last_order, last_order_at, lifetime_net_revenue, no_points as loyalty_points_balance,
    offer_taken_count, no_score as last_nps_score, lapse_date, stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'loyal';

create table lifecycle.customers_in_post_purchase_engagement as
select
    beginnings.* exclude (stage, stage_since),
    delivered_order_count, last_delivered_at, nothing as late_delivery_count, nothing as
    thank_you_count, nothing as follow_up_count, no_average as average_csat_score, no_average as
    average_rating, nothing as open_ticket_count, stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'post_purchase_engagement';

create table lifecycle.customers_in_prospect as
select
    beginnings.* exclude (stage, stage_since),
    first_touch_channel, activity_count, nothing as inquiry_count, nothing as content_view_count,
    nothing as checkout_count, offer_sent_count, last_active_at, stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'prospect';

create table lifecycle.customers_in_purchase as
select
    beginnings.* exclude (stage, stage_since),
    nothing as open_order_count, nothing as open_checkout_count, nothing as checkout_count, no_time
    as last_checkout_started_at, last_order_at, counted_order_count, nothing as inquiry_count,
    nothing as open_ticket_count, stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'purchase';

create table lifecycle.customers_in_repeat_purchase as
select
    beginnings.* exclude (stage, stage_since),
    counted_order_count, average_days_between_orders, days_since_last_order, last_order_at,
    lifetime_net_revenue, no_average as average_csat_score, orders_in_loyalty_window, lapse_date,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'repeat_purchase';

-- lifecycle: counts -------------------------------------------------------------------------------------
create table lifecycle.fct_lifecycle_stages_daily as
with moves as (
    select lifecycle, stage, cast(valid_from as date) as day, 1 as entered, 0 as exited
    from lifecycle.fct_customer_stage_intervals
    union all
    select lifecycle, stage, cast(valid_to as date), 0, 1
    from lifecycle.fct_customer_stage_intervals
    where valid_to is not null
),
daily as (
    select lifecycle, stage, day, sum(entered) as entered, sum(exited) as exited
    from moves
    group by lifecycle, stage, day
)
select
    stages.lifecycle,
    stages.stage,
    dates.date_day as date,
    cast(sum(coalesce(entered - exited, 0)) over (
        partition by stages.lifecycle, stages.stage order by dates.date_day
    ) as integer) as customer_count,
    cast(coalesce(entered, 0) as integer) as entered_count,
    cast(coalesce(exited, 0) as integer) as exited_count
from core.dim_lifecycle_stages as stages
cross join core.dim_dates as dates
left join daily
    on stages.lifecycle = daily.lifecycle and stages.stage = daily.stage and dates.date_day = daily.day;

create table lifecycle.rpt_stage_transition_matrix as
with moves as (
    select
        lifecycle,
        stage as from_stage,
        next_stage as to_stage,
        count(*) as move_count,
        count(distinct customer_id) as customer_count,
        cast(date_trunc('month', valid_to) as date) as month
    from lifecycle.fct_customer_stage_intervals
    where valid_to is not null
    group by all
)
select
    lifecycle,
    from_stage,
    to_stage,
    cast(move_count as integer) as move_count,
    cast(customer_count as integer) as customer_count,
    cast(move_count as double) / sum(move_count) over (partition by lifecycle, month, from_stage)
        as probability,
    month
from moves;

create table lifecycle.fct_customer_cohorts_monthly as
with cohorts as (
    select household_id, cast(date_trunc('month', first_order_at) as date) as cohort_month
    from bought
),
sizes as (
    select cohort_month, count(*) as cohort_size from cohorts group by cohort_month
),
bought_monthly as (
    select
        cohort_month,
        cast(date_trunc('month', ordered_at) as date) as month,
        count(distinct household_id) as active_customers,
        sum(net_amount) as net_revenue
    from orders
    inner join cohorts using (household_id)
    group by all
)
select
    sizes.cohort_month,
    cast(datediff('month', sizes.cohort_month, months.month) as integer) as months_since_first_order,
    cast(cohort_size as integer) as cohort_size,
    cast(coalesce(active_customers, 0) as integer) as active_customers,
    cast(coalesce(active_customers, 0) as double) / cohort_size as retention_rate,
    cast(coalesce(net_revenue, 0) as decimal(18, 2)) as net_revenue,
    cast(sum(coalesce(net_revenue, 0)) over (
        partition by sizes.cohort_month order by months.month
    ) as decimal(18, 2)) as cumulative_net_revenue
from sizes
inner join (select distinct month_start_date as month from core.dim_dates) as months
    on months.month >= sizes.cohort_month
left join bought_monthly
    on sizes.cohort_month = bought_monthly.cohort_month and months.month = bought_monthly.month;

-- value -------------------------------------------------------------------------------------------------
create table value.fct_customer_lifetime_value as
with days as (
    select household_id, cast(ordered_at as date) as day, sum(net_amount) as amount
    from orders
    group by household_id, day
),
spent as (
    select
        days.household_id,
        count(*) as day_count,
        min(day) as first_day,
        max(day) as last_day,
        sum(amount) filter (amount > 0 and day > cast(first_order_at as date)) as repeat_amount,
        count(*) filter (amount > 0 and day > cast(first_order_at as date)) as paid_repeat_count
    from days
    inner join bought using (household_id)
    group by days.household_id
)
select
    customer_id,
    getvariable('as_of_date') as as_of,
    cast(day_count - 1 as integer) as frequency,
    cast(datediff('day', first_day, last_day) as integer) as recency,
    cast(datediff('day', first_day, getvariable('as_of_date')) - 1 as integer) as age,
    -- To the cent, half up, in whole cents.
    cast((2 * cast(repeat_amount * 100 as bigint) + paid_repeat_count) // nullif(2 * paid_repeat_count, 0) * 0.01 as decimal(18, 2))
        as monetary_value,
    cast(coalesce(net_amount, 0) as decimal(18, 2)) as lifetime_net_revenue,
    cast(case when order_count = 0 then 0 end as decimal(18, 2)) as lifetime_margin
from customers
left join spent using (household_id);

create table value.fct_customer_rfm as
with ranked as (
    select
        customer_id,
        days_since_last_order,
        counted_order_count as order_count,
        lifetime_net_revenue as net_revenue,
        percent_rank() over (order by days_since_last_order desc) as recency_rank,
        percent_rank() over (order by counted_order_count) as frequency_rank,
        percent_rank() over (order by lifetime_net_revenue) as monetary_rank,
        getvariable('rfm_bands') as bands
    from indicators
    where counted_order_count > 0
),
scored as (
    select
        customer_id,
        days_since_last_order,
        order_count,
        net_revenue,
        cast(least(floor(recency_rank * bands) + 1, bands) as integer) as recency_score,
        cast(least(floor(frequency_rank * bands) + 1, bands) as integer) as frequency_score,
        cast(least(floor(monetary_rank * bands) + 1, bands) as integer) as monetary_score
    from ranked
)
select
    scored.*,
    segments.segment
from scored
inner join read_csv(getvariable('seeds') || '/rfm_segments.csv', header = true) as segments
    on scored.recency_score = segments.recency_score
    and scored.frequency_score = segments.frequency_score;
