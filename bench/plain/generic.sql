-- The limit for files in the generic format: the served marts by the plainest SQL, for this one company and no
-- other. It reads the same files and writes the same tables, columns and (nearly) as many rows, and keeps nothing
-- on the way: no raw tables, no ledger, no versions but of orders, no identity beyond "an e-mail address of a
-- contact is that contact", no checks. A customer_id is a plain hash. Thresholds are constants here.
-- Given by run.py: the variables source (a folder of entities), seeds, as_of; the new file attached as
-- `marts`, in use.
set TimeZone = 'UTC';
set preserve_insertion_order = false;

create schema core;
create schema lifecycle;
create schema value;
create schema care;

create temp table care_actions as from read_csv(getvariable('seeds') || '/care_actions.csv', header = true);
create temp table rates as
select rate_date, currency_code, rate from read_parquet(getvariable('source') || '/currency_rates/*.parquet')
qualify row_number() over (partition by rate_date, currency_code order by filename desc) = 1;

-- Who is who ------------------------------------------------------------------------------------------
create temp table contacts as
select *, md5(contact_id) as customer_id
from read_parquet(getvariable('source') || '/contacts/*.parquet', filename = true)
where created_at < getvariable('as_of')
qualify row_number() over (partition by contact_id order by updated_at desc, filename desc) = 1;
create temp table addresses as
select email, min(customer_id) as customer_id from contacts where email is not null group by email;

-- Orders, in euros --------------------------------------------------------------------------------------
create temp table lines as
select
    order_id,
    sum(quantity * unit_price)::decimal(18, 2) as items_amount,
    sum(discount_amount)::decimal(18, 2) as discount_amount,
    sum(quantity * coalesce(order_lines.unit_cost, products.unit_cost))::decimal(18, 2) as cost_amount
from read_parquet(getvariable('source') || '/order_lines/*.parquet') as order_lines
left join read_parquet(getvariable('source') || '/products/*.parquet') as products using (product_id)
group by order_id;

create temp table valued as
with delivered as (
    select *
    from read_parquet(getvariable('source') || '/orders/*.parquet', filename = true)
    where ordered_at < getvariable('as_of')
    qualify row_number() over (partition by order_id order by updated_at desc, filename desc) = 1
),
refunds as (
    select order_id, sum(amount)::decimal(18, 2) as refund_amount
    from read_parquet(getvariable('source') || '/refunds/*.parquet')
    where refunded_at < getvariable('as_of')
    group by order_id
),
payments as (
    select order_id, sum(amount)::decimal(18, 2) as received_amount
    from read_parquet(getvariable('source') || '/payments/*.parquet')
    where status = 'paid' and paid_at < getvariable('as_of')
    group by order_id
),
joined as (
    select
        delivered.order_id,
        coalesce(md5(delivered.contact_id), addresses.customer_id, md5(delivered.email)) as customer_id,
        status,
        delivered.currency_code,
        channel,
        coalesce(delivered.items_amount, lines.items_amount, 0) as original_items_amount,
        coalesce(delivered.discount_amount, lines.discount_amount, 0) as original_discount_amount,
        coalesce(refunds.refund_amount, 0) as original_refund_amount,
        coalesce(received_amount, 0) as received_amount,
        lines.cost_amount,
        shipping_amount as original_shipping_amount,
        tax_amount as original_tax_amount,
        coalesce(rates.rate, 1) as rate,
        ordered_at,
        promised_at,
        case when status not in ('cancelled', 'failed') and delivered_at < getvariable('as_of') then delivered_at end
            as delivered_at
    from delivered
    left join addresses on case when delivered.contact_id is null then delivered.email end = addresses.email
    left join lines using (order_id)
    left join refunds using (order_id)
    left join payments using (order_id)
    left join rates
        on delivered.currency_code = rates.currency_code and ordered_at::date = rates.rate_date
)
select
    *,
    (original_items_amount * rate)::decimal(18, 2) as items_amount,
    (original_discount_amount * rate)::decimal(18, 2) as discount_amount,
    (original_refund_amount * rate)::decimal(18, 2) as refund_amount,
    items_amount - discount_amount - refund_amount as net_amount,
    (cost_amount * rate)::decimal(18, 2) as cost,
    (
        status in ('paid', 'shipped', 'delivered', 'completed')
        or (status = 'placed' and received_amount > 0 and received_amount
            >= original_items_amount - original_discount_amount + original_shipping_amount + original_tax_amount)
    ) and not (original_refund_amount > 0 and original_refund_amount >= original_items_amount - original_discount_amount)
        as is_counted
from joined;

create temp table numbered as
select
    *,
    case
        when order_number < 3 then 180
        else least(greatest(
            floor(3 * (epoch(ordered_at) - epoch(first_ordered_at)) / (86400 * (order_number - 1))), 60
        ), 365)
    end::integer as lapse_window_days,
    ordered_at + to_days(lapse_window_days) as lapse_ends_at
from (
    select
        order_id,
        customer_id,
        ordered_at,
        net_amount,
        row_number() over (partition by customer_id order by ordered_at, order_id) as order_number,
        min(ordered_at) over (partition by customer_id) as first_ordered_at,
        lead(ordered_at) over (partition by customer_id order by ordered_at, order_id) as next_ordered_at
    from valued
    where is_counted
);

create table core.fct_orders as
select
    order_id, 'generic' as source_system, valued.customer_id, status, channel, null::varchar as campaign,
    'EUR' as currency_code, currency_code as original_currency_code, order_number::integer as customer_order_number,
    items_amount, discount_amount, refund_amount, valued.net_amount,
    (original_shipping_amount * rate)::decimal(18, 2) as shipping_amount,
    (original_tax_amount * rate)::decimal(18, 2) as tax_amount,
    (original_items_amount - original_discount_amount - original_refund_amount)::decimal(18, 2) as original_net_amount,
    is_counted, coalesce(delivered_at > promised_at, false) as was_delivered_late,
    valued.ordered_at, promised_at, delivered_at
from valued
left join numbered using (order_id);

create table core.fct_reviews as
select
    review_id, 'generic' as source_system, coalesce(md5(contact_id), addresses.customer_id, md5(reviews.email)) as customer_id,
    order_id, null::varchar as product_id, platform, rating::integer as rating, is_public, null::boolean as is_verified,
    reviewed_at, null::timestamp as reply_at
from read_parquet(getvariable('source') || '/reviews/*.parquet') as reviews
left join addresses on case when reviews.contact_id is null then reviews.email end = addresses.email
where reviewed_at < getvariable('as_of');

-- Activities --------------------------------------------------------------------------------------------
create table core.fct_customer_activities as
with happened as (
    select
        coalesce(md5(contact_id), addresses.customer_id, md5(interactions.email)) as customer_id, kind as activity,
        interaction_id as subject_id, channel, campaign, null::decimal(18, 2) as amount, true as is_touch,
        kind in ('inquiry', 'chat', 'knowledge_base_view') as is_inquiry,
        coalesce(kind = 'social_post' and sentiment >= 0.3, false) as is_advocacy_signal, occurred_at
    from read_parquet(getvariable('source') || '/interactions/*.parquet') as interactions
    left join addresses on case when interactions.contact_id is null then interactions.email end = addresses.email
    where occurred_at < getvariable('as_of') and coalesce(contact_id, interactions.email) is not null
    union all
    select customer_id, 'contact_created', customer_id, acquisition_channel, null, null, true, false, false, created_at
    from contacts where deleted_at is null or deleted_at >= getvariable('as_of')
    union all
    select customer_id, 'review_written', review_id, platform, null, null, true, false, is_public and rating >= 4, reviewed_at
    from core.fct_reviews
    union all
    select customer_id, 'order_placed', order_id, channel, null, net_amount, true, false, false, ordered_at
    from valued
    union all
    select customer_id, 'order_delivered', order_id, channel, null, null, false, false, false, delivered_at
    from valued where delivered_at is not null
    union all
    select customer_id, 'refund_issued', refund_id, channel, null, (-amount * rate)::decimal(18, 2), false, false, false, refunded_at
    from read_parquet(getvariable('source') || '/refunds/*.parquet')
    inner join valued using (order_id)
    where refunded_at < getvariable('as_of')
)
select
    md5('generic|' || activity || '|' || subject_id) as activity_key, customer_id, 'generic' as source_system,
    activity, subject_id, channel, campaign, amount, is_touch, is_inquiry, is_advocacy_signal, occurred_at
from happened;

-- Stages: what each instant adds, summed, and the first predicate that holds -------------------------------
create temp table changes as
select customer_id, ordered_at as moment, 'order_placed' as why, 1 as placed, 0 as delivered,
    case when delivered_at is null or delivered_at > ordered_at then 1 else 0 end * (status not in ('cancelled', 'failed'))::integer as open,
    0 as counted, 0 as windowed, 0 as lapsed, 0 as inquiries, 0 as signals, 0 as bad
from valued
union all
select customer_id, delivered_at, 'order_delivered', 0, 1, case when delivered_at > ordered_at then -1 else 0 end, 0, 0, 0, 0, 0, 0
from valued where delivered_at is not null
union all
select customer_id, ordered_at, 'order_placed', 0, 0, 0, 1, 1,
    case when lag(lapse_ends_at) over (partition by customer_id order by order_number) < ordered_at then -1 else 0 end, 0, 0, 0
from numbered
union all
select customer_id, ordered_at + interval 365 day, 'loyalty_window_ended', 0, 0, 0, 0, -1, 0, 0, 0, 0
from numbered where ordered_at + interval 365 day < getvariable('as_of')
union all
select customer_id, lapse_ends_at, 'lapse_window_ended', 0, 0, 0, 0, 0, 1, 0, 0, 0
from numbered where lapse_ends_at < getvariable('as_of') and (next_ordered_at is null or next_ordered_at > lapse_ends_at)
union all
select customer_id, occurred_at, activity, 0, 0, 0, 0, 0, 0, is_inquiry::integer, is_advocacy_signal::integer, 0
from core.fct_customer_activities where is_inquiry or is_advocacy_signal
union all
select customer_id, reviewed_at, 'review_written', 0, 0, 0, 0, 0, 0, 0, 0,
    bad - lag(bad, 1, 0) over (partition by customer_id order by reviewed_at)
from (
    select customer_id, reviewed_at, max((rating <= 2)::integer) as bad from core.fct_reviews group by customer_id, reviewed_at
)
union all
select customer_id, min(occurred_at), min_by(activity, occurred_at), 0, 0, 0, 0, 0, 0, 0, 0, 0
from core.fct_customer_activities where is_touch group by customer_id;

create temp table states as
with instants as (
    select
        customer_id, moment, min(why) as why, sum(placed) as placed, sum(delivered) as delivered, sum(open) as open,
        sum(counted) as counted, sum(windowed) as windowed, sum(lapsed) as lapsed, sum(inquiries) as inquiries,
        sum(signals) as signals, sum(bad) as bad
    from changes
    group by customer_id, moment
)
select
    customer_id, moment, why,
    sum(placed) over past as placed, sum(delivered) over past as delivered, sum(open) over past as open,
    sum(counted) over past as counted, sum(windowed) over past as windowed, sum(lapsed) over past as lapsed,
    sum(inquiries) over past as inquiries, sum(signals) over past as signals, sum(bad) over past as bad
from instants
window past as (partition by customer_id order by moment rows unbounded preceding);
drop table changes;

create table lifecycle.fct_customer_stage_intervals as
with stages as (
    select customer_id, 'relationship' as lifecycle, moment, why,
        case when counted = 0 then 'prospect' when lapsed > 0 then 'lost' when windowed >= 4 then 'loyal'
            when counted >= 2 then 'repeat_purchase' else 'first_purchase' end as stage
    from states
    union all
    select customer_id, 'journey', moment, why,
        case when counted > 0 and signals > 0 and bad <= 0 then 'advocacy'
            when open > 0 or (placed > 0 and delivered = 0) then 'purchase'
            when delivered > 0 then 'post_purchase_engagement'
            when inquiries > 0 then 'education' else 'discovery' end
    from states
),
entries as (
    select *, lag(stage) over (partition by customer_id, lifecycle order by moment) as previous_stage
    from stages
    qualify previous_stage is distinct from stage
)
select
    * exclude (moment, why), valid_to is null as is_current, moment as valid_from, why as entered_by,
    floor((epoch(coalesce(valid_to, getvariable('as_of'))) - epoch(moment)) / 86400)::integer as duration_days
from (
    select
        *,
        lead(stage) over (partition by customer_id, lifecycle order by moment) as next_stage,
        lead(moment) over (partition by customer_id, lifecycle order by moment) as valid_to,
        (row_number() over (partition by customer_id, lifecycle, stage order by moment))::integer as entry_number
    from entries
);

-- One row per customer ----------------------------------------------------------------------------------
create temp table indicators as
with activity as (
    select
        customer_id,
        min(occurred_at) filter (is_touch) as first_seen_at,
        max(occurred_at) filter (is_touch) as last_active_at,
        min_by(channel, occurred_at) filter (is_touch) as first_touch_channel,
        count(*) filter (is_touch) as activity_count,
        count(*) filter (is_touch and occurred_at >= getvariable('as_of') - interval 90 day) as recent_activity_count,
        count(*) filter (activity = 'page_view') as page_view_count,
        count(*) filter (activity = 'content_view') as content_view_count,
        count(*) filter (activity = 'knowledge_base_view') as knowledge_base_view_count,
        count(*) filter (is_inquiry) as inquiry_count,
        count(*) filter (activity = 'offer_sent') as offer_sent_count,
        count(*) filter (is_advocacy_signal) as advocacy_signal_count
    from core.fct_customer_activities
    group by customer_id
    having first_seen_at is not null
),
bought as (
    select
        customer_id,
        count(*) as counted_order_count, min(ordered_at) as first_order_at, max(ordered_at) as last_order_at,
        max(delivered_at) as last_delivered_at,
        count(*) filter (delivered_at > promised_at) as late_delivery_count,
        count(*) filter (ordered_at >= getvariable('as_of') - interval 90 day) as recent_order_count,
        sum(items_amount)::decimal(18, 2) as gross_amount, sum(discount_amount)::decimal(18, 2) as discount_amount,
        sum(refund_amount)::decimal(18, 2) as refund_amount, sum(net_amount)::decimal(18, 2) as net_amount,
        (sum(net_amount) - sum(cost))::decimal(18, 2) as margin
    from valued where is_counted group by customer_id
),
last_orders as (
    select customer_id, net_amount as last_order_net_amount, lapse_window_days, lapse_ends_at::date as lapse_date
    from numbered where next_ordered_at is null
),
now_states as (
    select customer_id, windowed, open, delivered from states
    qualify row_number() over (partition by customer_id order by moment desc) = 1
),
opinions as (
    select customer_id, count(*) as review_count, avg(rating)::decimal(18, 6) as average_rating,
        avg((rating - 1) * 0.25) as satisfaction
    from core.fct_reviews group by customer_id
),
profiles as (
    select customer_id, acquisition_channel, country_code, company is not null as is_company, marketing_consent, exit_reason
    from (select *, null::varchar as exit_reason from contacts)
)
select
    activity.*, bought.* exclude (customer_id), last_orders.* exclude (customer_id), now_states.* exclude (customer_id),
    opinions.* exclude (customer_id), profiles.* exclude (customer_id),
    datediff('day', bought.last_order_at::date, getvariable('as_of')::date) - 1 as days_since_last_order,
    case when counted_order_count > 1 then (datediff('day', first_order_at::date, bought.last_order_at::date)
        / (counted_order_count - 1))::decimal(18, 6) end as average_days_between_orders,
    0::integer as nothing, 0::decimal(18, 6) as no_points, null::decimal(18, 6) as no_average, null::integer as no_score,
    null::timestamp as no_time
from activity
left join bought using (customer_id)
left join last_orders using (customer_id)
left join now_states using (customer_id)
left join opinions using (customer_id)
left join profiles using (customer_id);
drop table states;

create temp table current_stages as
select intervals.*, care_actions.care_action, (valid_from + to_days(due_after_days::integer))::date as care_due_date
from lifecycle.fct_customer_stage_intervals as intervals
inner join (
    from care_actions where condition is null
    qualify row_number() over (partition by lifecycle, stage order by priority) = 1
) as care_actions
    on intervals.lifecycle = care_actions.lifecycle and intervals.stage = care_actions.stage
where is_current;

create table core.dim_customers as
select
    customer_id,
    coalesce(acquisition_channel, first_touch_channel) as acquisition_channel,
    case
        when is_company then 'business_buyer'
        when counted_order_count >= 6 then 'enthusiast'
        when discount_amount / nullif(gross_amount::double, 0) >= 0.15 then 'bargain_hunter'
        when counted_order_count > 0 then 'occasional_buyer'
        when content_view_count + knowledge_base_view_count >= 3 then 'researcher'
        else 'browser'
    end as persona,
    country_code, relationship.stage as relationship_stage, journey.stage as journey_stage,
    relationship.care_action as next_care_action, 'EUR' as currency_code,
    coalesce(counted_order_count, 0)::integer as counted_order_count,
    coalesce(gross_amount, 0)::decimal(18, 2) as lifetime_gross_revenue,
    coalesce(discount_amount, 0)::decimal(18, 2) as lifetime_discount_amount,
    coalesce(refund_amount, 0)::decimal(18, 2) as lifetime_refund_amount,
    coalesce(net_amount, 0)::decimal(18, 2) as lifetime_net_revenue,
    (
        20 * greatest(1 - datediff('day', last_active_at::date, getvariable('as_of')::date) / 365, 0)
        + 20 * least(coalesce(recent_order_count, 0) / 4, 1) + 20 * least(recent_activity_count / 10, 1)
        + 20 * coalesce(satisfaction, 0.5) + 10
    )::integer as relationship_strength,
    coalesce(marketing_consent, false) as is_marketable, first_seen_at, last_active_at,
    relationship.valid_from as relationship_stage_since, journey.valid_from as journey_stage_since, first_order_at, last_order_at
from indicators
inner join (from current_stages where lifecycle = 'relationship') as relationship using (customer_id)
inner join (from current_stages where lifecycle = 'journey') as journey using (customer_id);

create temp table beginnings as
select
    customer_id, persona, country_code, acquisition_channel, entered_by, previous_stage, entry_number,
    care_action as next_care_action, care_due_date, is_marketable, relationship_strength,
    duration_days as days_in_stage, stage, valid_from as stage_since
from current_stages
inner join core.dim_customers using (customer_id);

create table lifecycle.customers_in_advocacy as
select
    beginnings.* exclude (stage, stage_since),
    advocacy_signal_count::integer as advocacy_signal_count, coalesce(review_count, 0)::integer as
    review_count, average_rating, no_score as last_nps_score, nothing as referral_count,
    counted_order_count::integer as counted_order_count, net_amount as lifetime_net_revenue, no_points as
    loyalty_points_balance,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'advocacy';

create table lifecycle.customers_in_discovery as
select
    beginnings.* exclude (stage, stage_since),
    first_touch_channel, activity_count::integer as activity_count, page_view_count::integer as
    page_view_count, content_view_count::integer as content_view_count, last_active_at,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'discovery';

create table lifecycle.customers_in_education as
select
    beginnings.* exclude (stage, stage_since),
    inquiry_count::integer as inquiry_count, knowledge_base_view_count::integer as knowledge_base_view_count,
    nothing as demo_or_trial_count, nothing as ticket_count, nothing as open_ticket_count,
    content_view_count::integer as content_view_count, last_active_at,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'education';

create table lifecycle.customers_in_first_purchase as
select
    beginnings.* exclude (stage, stage_since),
    first_order_at, days_since_last_order::integer as days_since_last_order, last_order_net_amount,
    late_delivery_count::integer as late_delivery_count, average_rating, no_average as average_csat_score,
    nothing as open_ticket_count, lapse_date,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'first_purchase';

create table lifecycle.customers_in_lost as
select
    beginnings.* exclude (stage, stage_since),
    counted_order_count::integer as counted_order_count, last_order_at, days_since_last_order::integer as
    days_since_last_order, lapse_window_days, net_amount as lifetime_net_revenue, exit_reason, average_rating,
    nothing as open_ticket_count, late_delivery_count::integer as late_delivery_count, nothing as
    win_back_offer_count,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'lost';

create table lifecycle.customers_in_loyal as
select
    beginnings.* exclude (stage, stage_since),
    counted_order_count::integer as counted_order_count, windowed::integer as orders_in_loyalty_window,
    average_days_between_orders, days_since_last_order::integer as days_since_last_order, last_order_at,
    net_amount as lifetime_net_revenue, no_points as loyalty_points_balance, nothing as offer_taken_count,
    no_score as last_nps_score, lapse_date,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'loyal';

create table lifecycle.customers_in_post_purchase_engagement as
select
    beginnings.* exclude (stage, stage_since),
    delivered::integer as delivered_order_count, last_delivered_at, late_delivery_count::integer as
    late_delivery_count, nothing as thank_you_count, nothing as follow_up_count, no_average as
    average_csat_score, average_rating, nothing as open_ticket_count,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'post_purchase_engagement';

create table lifecycle.customers_in_prospect as
select
    beginnings.* exclude (stage, stage_since),
    first_touch_channel, activity_count::integer as activity_count, inquiry_count::integer as inquiry_count,
    content_view_count::integer as content_view_count, nothing as checkout_count, offer_sent_count::integer as
    offer_sent_count, last_active_at,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'prospect';

create table lifecycle.customers_in_purchase as
select
    beginnings.* exclude (stage, stage_since),
    open::integer as open_order_count, nothing as open_checkout_count, nothing as checkout_count, no_time as
    last_checkout_started_at, last_order_at, counted_order_count::integer as counted_order_count,
    inquiry_count::integer as inquiry_count, nothing as open_ticket_count,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'purchase';

create table lifecycle.customers_in_repeat_purchase as
select
    beginnings.* exclude (stage, stage_since),
    counted_order_count::integer as counted_order_count, average_days_between_orders,
    days_since_last_order::integer as days_since_last_order, last_order_at, net_amount as
    lifetime_net_revenue, no_average as average_csat_score, windowed::integer as orders_in_loyalty_window,
    lapse_date,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'repeat_purchase';

-- Dimensions, counts, value and care -----------------------------------------------------------------
create table core.dim_lifecycle_stages as
select
    lifecycle,
    stage,
    cast(stage_rank as integer) as rank,
    label_en,
    label_cs,
    customer_description,
    care_description
from read_csv(getvariable('seeds') || '/lifecycle_stages.csv', header = true);

create table core.dim_dates as
select
    day::date as date_day,
    date_trunc('month', day)::date as month_start_date,
    year(day)::integer as year_number,
    month(day)::integer as month_number,
    day(day)::integer as day_of_month
from generate_series(
    (select date_trunc('day', min(occurred_at)) from core.fct_customer_activities),
    getvariable('as_of') - interval 1 day,
    interval 1 day
) as days (day);

create table core.dim_products as
select product_id, 'generic' as source_system, name as product_name, category, brand, unit_cost::decimal(18, 6) as unit_cost
from read_parquet(getvariable('source') || '/products/*.parquet');

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
    select customer_id, cast(date_trunc('month', first_order_at) as date) as cohort_month
    from indicators where first_order_at is not null
),
sizes as (
    select cohort_month, count(*) as cohort_size from cohorts group by cohort_month
),
bought_monthly as (
    select
        cohort_month,
        cast(date_trunc('month', ordered_at) as date) as month,
        count(distinct customer_id) as active_customers,
        sum(numbered.net_amount) as net_revenue
    from numbered
    inner join cohorts using (customer_id)
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

create table value.fct_customer_lifetime_value as
with days as (
    select customer_id, cast(ordered_at as date) as day, sum(net_amount) as amount
    from numbered
    group by customer_id, day
),
spent as (
    select
        days.customer_id,
        count(*) as day_count,
        min(day) as first_day,
        max(day) as last_day,
        sum(amount) filter (amount > 0 and day > cast(first_order_at as date)) as repeat_amount,
        count(*) filter (amount > 0 and day > cast(first_order_at as date)) as paid_repeat_count
    from days
    inner join indicators using (customer_id)
    group by days.customer_id
)
select
    customer_id,
    getvariable('as_of')::date as as_of,
    cast(day_count - 1 as integer) as frequency,
    cast(datediff('day', first_day, last_day) as integer) as recency,
    cast(datediff('day', first_day, getvariable('as_of')::date) - 1 as integer) as age,
    cast(repeat_amount / nullif(paid_repeat_count, 0) as decimal(18, 2)) as monetary_value,
    cast(coalesce(net_amount, 0) as decimal(18, 2)) as lifetime_net_revenue,
    cast(case when counted_order_count is null then 0 else margin end as decimal(18, 2)) as lifetime_margin,
    cast(null as double) as probability_alive,
    cast(null as double) as expected_orders_12m,
    cast(null as decimal(18, 2)) as predicted_revenue_12m,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_low,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_high,
    cast(null as date) as expected_next_order_date,
    cast(null as varchar) as model_id,
    case when counted_order_count is null then 'no_orders' else 'no_model' end as reason_code
from indicators
left join spent using (customer_id);

create table value.lifetime_value_models (
    model_id varchar, family varchar, component varchar, status varchar, parameters varchar,
    customer_count integer, log_likelihood double, holdout_mae double, holdout_rmse double,
    is_champion boolean, as_of date, fitted_at timestamp
);

create table value.fct_customer_rfm as
with ranked as (
    select
        customer_id,
        days_since_last_order::integer as days_since_last_order,
        counted_order_count::integer as order_count,
        net_amount as net_revenue,
        percent_rank() over (order by days_since_last_order desc) as recency_rank,
        percent_rank() over (order by counted_order_count) as frequency_rank,
        percent_rank() over (order by net_amount) as monetary_rank,
        5 as bands
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

create table care.fct_care_actions as
select
    customer_id,
    intervals.lifecycle,
    intervals.stage,
    care_action as action,
    reason,
    entered_by as evidence,
    cast(priority as integer) as priority,
    cast(valid_from + to_days(cast(due_after_days as integer)) as date) as due_date
from lifecycle.fct_customer_stage_intervals as intervals
inner join care_actions
    on intervals.lifecycle = care_actions.lifecycle and intervals.stage = care_actions.stage
where is_current and condition is null;
