-- The limit for files in the generic format: every served mart by the plainest SQL, for this one company and no
-- other. This file: customers, orders, activities, stages and the care they call for; generic_more.sql, run after it:
-- what is told of them. Together they read the same files and write the same tables, columns and (nearly) as many rows.
-- They keep nothing on the way: no raw tables, no ledger, no versions but of contacts and orders, no identity beyond "an
-- e-mail address of a contact is that contact", no checks. A customer_id is a plain hash. Thresholds are constants
-- here. Checkouts, tickets, surveys, referrals and loyalty entries, which this company does not deliver, are not read:
-- what would tell of them is empty, null or 0. Fitted lifetime value is not done: value.lifetime_value_models and
-- value.rpt_lifetime_value_diagnostics have no rows, predictions are null. (Stage forecasts are SQL and are made.)
-- Given by run_generic.py: the variables source (a folder of entities), seeds, as_of; the new file attached as
-- `marts`, in use.
set TimeZone = 'UTC';
set preserve_insertion_order = false;

create schema core;
create schema lifecycle;
create schema value;
create schema engagement;
create schema care;

create temp table stages as
from read_csv(getvariable('seeds') || '/lifecycle_stages.csv', header = true)
where lifecycle in ('relationship', 'journey');
create temp table channels as from read_csv(getvariable('seeds') || '/acquisition_channels.csv', header = true);
-- Of what answers an action, this company sends e-mails and offers alone, and for none both.
create temp table care_actions as
select care_actions.*, responses.activity as response
from read_csv(getvariable('seeds') || '/care_actions.csv', header = true) as care_actions
left join read_csv(getvariable('seeds') || '/care_responses.csv', header = true) as responses
    on care_actions.care_action = responses.care_action and responses.activity in ('email_sent', 'offer_sent')
where lifecycle in ('relationship', 'journey');
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
    coalesce(sum(quantity * order_lines.unit_cost), 0)::decimal(18, 2) as stated_cost_amount,
    coalesce(sum(quantity * products.unit_cost) filter (order_lines.unit_cost is null), 0)::decimal(18, 2)
        as product_cost_amount
from read_parquet(getvariable('source') || '/order_lines/*.parquet') as order_lines
left join read_parquet(getvariable('source') || '/products/*.parquet') as products using (product_id)
group by order_id;

create temp table delivered as
select *
from read_parquet(getvariable('source') || '/orders/*.parquet', filename = true)
where ordered_at < getvariable('as_of')
qualify row_number() over (partition by order_id order by updated_at desc, filename desc) = 1;

create temp table refunds as
select
    refund_id, order_id, amount as original_amount,
    (amount * coalesce(rates.rate, 1))::decimal(18, 2) as refund_amount, refunded_at
from read_parquet(getvariable('source') || '/refunds/*.parquet') as refunds
inner join delivered using (order_id)
left join rates
    on delivered.currency_code = rates.currency_code and refunded_at::date = rates.rate_date
where refunded_at < getvariable('as_of');

create temp table valued as
with refunded as (
    select
        order_id, sum(original_amount)::decimal(18, 2) as original_amount,
        sum(refund_amount)::decimal(18, 2) as refund_amount
    from refunds
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
        coalesce(refunded.original_amount, 0) as original_refund_amount,
        coalesce(refunded.refund_amount, 0) as refund_amount,
        coalesce(received_amount, 0) as received_amount,
        stated_cost_amount,
        product_cost_amount,
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
    left join refunded using (order_id)
    left join payments using (order_id)
    left join rates
        on delivered.currency_code = rates.currency_code and ordered_at::date = rates.rate_date
)
select
    *,
    (original_items_amount * rate)::decimal(18, 2) as items_amount,
    (original_discount_amount * rate)::decimal(18, 2) as discount_amount,
    items_amount - discount_amount - refund_amount as net_amount,
    (stated_cost_amount * rate + product_cost_amount)::decimal(18, 2) as cost_amount,
    (
        status in ('paid', 'shipped', 'delivered', 'completed')
        or (status = 'placed' and received_amount > 0 and received_amount
            >= original_items_amount - original_discount_amount + original_shipping_amount + original_tax_amount)
    ) and not (original_refund_amount > 0 and original_refund_amount >= original_items_amount - original_discount_amount)
        as is_counted
from joined;
drop table lines;
drop table delivered;

create temp table numbered as
select
    *,
    case
        when order_number < 3 then 180
        else least(greatest(
            floor(3 * (epoch(ordered_at) - epoch(first_ordered_at)) / (86400 * (order_number - 1))), 60
        ), 365)
    end::integer as lapse_window_days,
    ordered_at + to_days(lapse_window_days) as lapse_ends_at,
    -- Touches share in an order after the previous one and in its last 90 days.
    greatest(ordered_at - interval 90 day - interval 1 microsecond, previous_ordered_at) as touched_after
from (
    select
        order_id,
        customer_id,
        ordered_at,
        net_amount,
        discount_amount > 0 as is_discounted,
        row_number() over life as order_number,
        min(ordered_at) over (partition by customer_id) as first_ordered_at,
        lag(ordered_at) over life as previous_ordered_at,
        lead(ordered_at) over life as next_ordered_at
    from valued
    where is_counted
    window life as (partition by customer_id order by ordered_at, order_id)
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
    order_id, null::varchar as product_id, platform, rating::integer as rating, is_public, false as is_verified,
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
    select customer_id, 'refund_issued', refund_id, channel, null, -refunds.refund_amount, false, false, false, refunded_at
    from refunds
    inner join valued using (order_id)
)
select
    md5('generic|' || activity || '|' || subject_id) as activity_key, customer_id, 'generic' as source_system,
    activity, subject_id, channel, campaign, amount, is_touch, is_inquiry, is_advocacy_signal, occurred_at
from happened;

-- Stages: what each instant adds, summed, and the first predicate that holds -------------------------------
-- What happened is told by its rank in activities.csv, so that the least is what explains most.
create temp table activities as
select activity, activity_rank::integer as rank
from read_csv(getvariable('seeds') || '/activities.csv', header = true);

create temp table changes as
select customer_id, ordered_at as moment, 1 as why, 1 as placed, 0 as delivered,
    case when delivered_at is null or delivered_at > ordered_at then 1 else 0 end * (status not in ('cancelled', 'failed'))::integer as open,
    0 as counted, 0 as windowed, 0 as lapsed, 0 as inquiries, 0 as signals, 0 as bad
from valued
union all
select customer_id, delivered_at, 2, 0, 1, case when delivered_at > ordered_at then -1 else 0 end, 0, 0, 0, 0, 0, 0
from valued where delivered_at is not null
union all
select customer_id, ordered_at, 1, 0, 0, 0, 1, 1,
    case when lag(lapse_ends_at) over (partition by customer_id order by order_number) < ordered_at then -1 else 0 end, 0, 0, 0
from numbered
union all
select customer_id, ordered_at + interval 365 day, 35, 0, 0, 0, 0, -1, 0, 0, 0, 0
from numbered where ordered_at + interval 365 day < getvariable('as_of')
union all
select customer_id, lapse_ends_at, 34, 0, 0, 0, 0, 0, 1, 0, 0, 0
from numbered where lapse_ends_at < getvariable('as_of') and (next_ordered_at is null or next_ordered_at > lapse_ends_at)
union all
select customer_id, occurred_at, rank, 0, 0, 0, 0, 0, 0, is_inquiry::integer, is_advocacy_signal::integer, 0
from core.fct_customer_activities inner join activities using (activity) where is_inquiry or is_advocacy_signal
union all
select customer_id, reviewed_at, 5, 0, 0, 0, 0, 0, 0, 0, 0,
    bad - lag(bad, 1, 0) over (partition by customer_id order by reviewed_at)
from (
    select customer_id, reviewed_at, max((rating <= 2)::integer) as bad from core.fct_reviews group by customer_id, reviewed_at
)
union all
select
    customer_id, make_timestamp(first_touch // 64), if(first_touch % 64 = 0, 17, first_touch % 64), 0, 0, 0, 0, 0, 0, 0, 0, 0
from (
    -- The first instant and what happened then, in one number; a contact explains a first touch best.
    select customer_id, min(epoch_us(occurred_at) * 64 + if(rank = 17, 0, rank)) as first_touch
    from core.fct_customer_activities inner join activities using (activity) where is_touch group by customer_id
);

create temp table states as
with instants as (
    select
        customer_id, moment, min(why) as why, bool_or(why = 5) as has_review, bool_or(why = 8) as has_post,
        bool_or(why = 17) as has_contact, sum(placed) as placed, sum(delivered) as delivered, sum(open) as open,
        sum(counted) as counted, sum(windowed) as windowed, sum(lapsed) as lapsed, sum(inquiries) as inquiries,
        sum(signals) as signals, sum(bad) as bad
    from changes
    group by customer_id, moment
)
select
    customer_id, moment, why, has_review, has_post, has_contact,
    sum(placed) over past as placed, sum(delivered) over past as delivered, sum(open) over past as open,
    sum(counted) over past as counted, sum(windowed) over past as windowed, sum(lapsed) over past as lapsed,
    sum(inquiries) over past as inquiries, sum(signals) over past as signals, sum(bad) over past as bad
from instants
window past as (partition by customer_id order by moment rows unbounded preceding);
drop table changes;

create temp table stays as
with staged as (
    select
        customer_id, moment, why, has_review, has_post, has_contact,
        case when counted = 0 then 'prospect' when lapsed > 0 then 'lost' when windowed >= 4 then 'loyal'
            when counted >= 2 then 'repeat_purchase' else 'first_purchase' end as relationship,
        case when counted > 0 and signals > 0 and bad <= 0 then 'advocacy'
            when open > 0 or (placed > 0 and delivered = 0) then 'purchase'
            when delivered > 0 then 'post_purchase_engagement'
            when inquiries > 0 then 'education' else 'discovery' end as journey
    from states
),
changed as (
    select
        *, lag(relationship) over life as previous_relationship, lag(journey) over life as previous_journey
    from staged
    window life as (partition by customer_id order by moment)
    qualify previous_relationship is distinct from relationship or previous_journey is distinct from journey
),
entries as (
    select
        customer_id, 'relationship' as lifecycle, relationship as stage, previous_relationship as previous_stage, moment,
        case when stage = 'lost' then 34 when stage = 'prospect' and has_contact then 17 else why end as why
    from changed
    where previous_relationship is distinct from relationship
    union all
    select
        customer_id, 'journey', journey as stage, previous_journey, moment,
        case when stage = 'advocacy' and has_review then 5 when stage = 'advocacy' and has_post then 8 else why end
    from changed
    where previous_journey is distinct from journey
)
select
    customer_id, lifecycle, stage, previous_stage, next_stage, activity as entered_by, entry_number,
    floor((epoch(coalesce(valid_to, getvariable('as_of'))) - epoch(moment)) / 86400)::integer as duration_days,
    valid_to is null as is_current, moment as valid_from, valid_to, transition_number::integer as transition_number,
    floor((epoch(moment) - epoch(previous_moment)) / 86400)::integer as days_in_from_stage
from (
    select
        *,
        lead(stage) over life as next_stage,
        lead(moment) over life as valid_to,
        lag(moment) over life as previous_moment,
        row_number() over life as transition_number,
        (row_number() over (partition by customer_id, lifecycle, stage order by moment))::integer as entry_number
    from entries
    window life as (partition by customer_id, lifecycle order by moment)
)
inner join activities on why = activities.rank;

create table lifecycle.fct_customer_stage_intervals as
select * exclude (transition_number, days_in_from_stage) from stays;

-- The record behind each entry; of a window's end the order whose time it was.
create temp table evidence as
with records as (
    select customer_id, activity, occurred_at, activity_key from core.fct_customer_activities
    union all
    select customer_id, 'lapse_window_ended', lapse_ends_at, md5('generic|order_placed|' || order_id)
    from numbered where next_ordered_at is null or next_ordered_at > lapse_ends_at
    union all
    select customer_id, 'loyalty_window_ended', ordered_at + interval 365 day, md5('generic|order_placed|' || order_id)
    from numbered
)
select stays.customer_id, lifecycle, valid_from, min(activity_key) as evidence_activity_key
from records
inner join stays
    on records.customer_id = stays.customer_id and records.activity = stays.entered_by
    and records.occurred_at = stays.valid_from
group by stays.customer_id, lifecycle, valid_from;

create table lifecycle.fct_customer_stage_transitions as
select
    stays.customer_id, stays.lifecycle, previous_stage as from_stage, stays.stage as to_stage,
    case
        when previous_stage is null then 'entered'
        when stages.is_loss then 'lost'
        when previous.is_loss then 'won_back'
        when stages.stage_rank < previous.stage_rank then 'regressed'
        when stages.stage_rank > previous.stage_rank + 1 then 'skipped'
        else 'forward'
    end as direction,
    entered_by, evidence_activity_key, transition_number,
    case when direction in ('entered', 'skipped') then stages.stage_rank - coalesce(previous.stage_rank, 0) - 1 else 0 end
        ::integer as skipped_stage_count,
    days_in_from_stage, stays.valid_from as transitioned_at
from stays
inner join stages on stays.lifecycle = stages.lifecycle and stays.stage = stages.stage
left join stages as previous on stays.lifecycle = previous.lifecycle and stays.previous_stage = previous.stage
left join evidence
    on stays.customer_id = evidence.customer_id and stays.lifecycle = evidence.lifecycle
    and stays.valid_from = evidence.valid_from;
drop table stays;

-- What stages call for -------------------------------------------------------------------------------------
-- From the first record that raises a condition to the next that settles it.
create temp table conditions as
with signals as (
    select
        customer_id, 'asked_without_answer' as condition, activity, activity_key, occurred_at,
        activity <> 'inquiry' as is_settling
    from core.fct_customer_activities
    where activity in ('inquiry', 'chat', 'order_placed')
    union all
    select
        customer_id, 'delivered_without_review', activity, activity_key, occurred_at, activity = 'review_written'
    from core.fct_customer_activities
    where activity in ('order_delivered', 'review_written')
    union all
    select customer_id, 'complained', 'review_written', md5('generic|review_written|' || review_id), reviewed_at, false
    from core.fct_reviews where rating <= 2
    union all
    select customer_id, 'complained', activity, activity_key, occurred_at, true
    from core.fct_customer_activities
    semi join (from core.fct_reviews where rating <= 2) as complaints using (customer_id)
    where activity = 'order_placed'
),
turns as (
    select * from signals
    qualify is_settling <> lag(is_settling, 1, true) over (
        partition by customer_id, condition order by occurred_at, is_settling, activity_key
    )
)
select * exclude (is_settling, occurred_at), occurred_at as holds_from, settled_at as holds_to
from (
    select *, lead(occurred_at) over (
        partition by customer_id, condition order by occurred_at, is_settling, activity_key
    ) as settled_at
    from turns
)
where not is_settling and (settled_at is null or settled_at > occurred_at);

-- Every stay and action that it called for, and when it was done.
create temp table occasions as
with called as (
    select
        customer_id, lifecycle, stage, care_action, response, due_after_days, entered_by as evidence,
        null::varchar as condition_key, is_current as is_open, valid_to, valid_from as called_for_at
    from lifecycle.fct_customer_stage_intervals
    inner join care_actions using (lifecycle, stage)
    where condition is null
    union all
    select
        intervals.customer_id, intervals.lifecycle, intervals.stage, care_action, response, due_after_days,
        conditions.activity, conditions.activity_key, is_current and holds_to is null, valid_to,
        greatest(valid_from, holds_from)
    from conditions
    inner join care_actions using (condition)
    inner join lifecycle.fct_customer_stage_intervals as intervals
        on conditions.customer_id = intervals.customer_id and care_actions.lifecycle = intervals.lifecycle
        and care_actions.stage = intervals.stage and (valid_to is null or valid_to > holds_from)
        and (holds_to is null or valid_from < holds_to)
),
sent as (
    select customer_id, activity, occurred_at from core.fct_customer_activities
    where activity in ('email_sent', 'offer_sent')
),
answered as (
    select
        moments.customer_id, called_for_at, min(occurred_at) filter (activity = 'email_sent') as email_sent_at,
        min(occurred_at) filter (activity = 'offer_sent') as offer_sent_at
    from (select distinct customer_id, called_for_at from called) as moments
    inner join sent on moments.customer_id = sent.customer_id and called_for_at <= occurred_at
    group by moments.customer_id, called_for_at
)
select called.*, case response when 'email_sent' then email_sent_at when 'offer_sent' then offer_sent_at end as done_at
from called
left join answered using (customer_id, called_for_at);
drop table conditions;

create table care.fct_care_actions as
select
    occasions.customer_id, occasions.lifecycle, occasions.stage, occasions.care_action as action, condition, reason,
    evidence, coalesce(condition_key, evidence_activity_key) as evidence_activity_key, priority::integer as priority,
    row_number() over (
        partition by occasions.customer_id, occasions.lifecycle order by done_at is not null, priority
    ) = 1 as is_next,
    (called_for_at + to_days(occasions.due_after_days::integer))::date as due_date, called_for_at, done_at
from occasions
inner join care_actions using (lifecycle, stage, care_action)
left join evidence
    on occasions.customer_id = evidence.customer_id and occasions.lifecycle = evidence.lifecycle
    and occasions.called_for_at = evidence.valid_from
where is_open;

-- One row per customer ----------------------------------------------------------------------------------
create temp table indicators as
with activity as (
    select
        customer_id,
        min(occurred_at) filter (is_touch) as first_seen_at,
        max(occurred_at) filter (is_touch) as last_active_at,
        min_by(coalesce(channel, 'unknown'), occurred_at) filter (is_touch) as first_channel,
        min(occurred_at) filter (activity in ('email_sent', 'offer_sent')) as first_sent_at,
        count(*) filter (is_touch) as activity_count,
        count(*) filter (is_touch and occurred_at >= getvariable('as_of') - interval 365 day) as recent_activity_count,
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
        count(*) filter (ordered_at >= getvariable('as_of') - interval 365 day) as recent_order_count,
        sum(items_amount)::decimal(18, 2) as gross_amount, sum(discount_amount)::decimal(18, 2) as discount_amount,
        sum(refund_amount)::decimal(18, 2) as refund_amount, sum(net_amount)::decimal(18, 2) as net_amount,
        (sum(net_amount) - sum(cost_amount))::decimal(18, 2) as margin
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
        avg((rating - 1) * 0.25)::decimal(18, 6) as satisfaction
    from core.fct_reviews group by customer_id
),
profiles as (
    select
        customer_id, channels.acquisition_channel, country_code, company is not null as is_company, marketing_consent
    from contacts
    left join channels on contacts.acquisition_channel = channels.delivered_channel
    where deleted_at is null or deleted_at >= getvariable('as_of')
)
select
    activity.* exclude (first_channel), coalesce(channels.acquisition_channel, 'unknown') as first_touch_channel,
    bought.* exclude (customer_id), last_orders.* exclude (customer_id), now_states.* exclude (customer_id),
    opinions.* exclude (customer_id), profiles.* exclude (customer_id),
    datediff('day', bought.last_order_at::date, getvariable('as_of')::date) - 1 as days_since_last_order,
    case when counted_order_count > 1 then (datediff('day', first_order_at::date, bought.last_order_at::date)
        / (counted_order_count - 1))::decimal(18, 6) end as average_days_between_orders,
    0::integer as nothing, 0::decimal(18, 6) as no_points, null::decimal(18, 6) as no_average, null::integer as no_score,
    null::timestamp as no_time
from activity
left join channels on first_channel = channels.delivered_channel
left join bought using (customer_id)
left join last_orders using (customer_id)
left join now_states using (customer_id)
left join opinions using (customer_id)
left join profiles using (customer_id);
drop table states;

create table engagement.fct_relationship_strength as
with parts as (
    select
        customer_id,
        datediff('day', last_active_at::date, getvariable('as_of')::date)::integer as days_since_last_touch,
        coalesce(recent_order_count, 0)::integer as recent_order_count,
        recent_activity_count::integer as recent_activity_count, satisfaction, last_active_at,
        floor(20 * greatest(1 - days_since_last_touch / 365, 0) + 0.5)::integer as recency_points,
        floor(20 * least(coalesce(recent_order_count, 0) / 8, 1) + 0.5)::integer as frequency_points,
        floor(20 * least(recent_activity_count / 12, 1) + 0.5)::integer as interaction_points,
        floor(20 * coalesce(satisfaction, 0.5)::double + 0.5)::integer as satisfaction_points, 10 as service_points
    from indicators
)
select
    customer_id,
    recency_points + frequency_points + interaction_points + satisfaction_points + service_points
        as relationship_strength,
    recency_points, frequency_points, interaction_points, satisfaction_points, service_points, days_since_last_touch,
    recent_order_count, recent_activity_count, satisfaction as satisfaction_share,
    null::decimal(18, 6) as service_share, last_active_at
from parts;

create temp table current_stages as
select
    intervals.*, evidence.evidence_activity_key, next_actions.action as next_care_action,
    next_actions.due_date as care_due_date
from lifecycle.fct_customer_stage_intervals as intervals
inner join (from care.fct_care_actions where is_next) as next_actions
    on intervals.customer_id = next_actions.customer_id and intervals.lifecycle = next_actions.lifecycle
left join evidence
    on intervals.customer_id = evidence.customer_id and intervals.lifecycle = evidence.lifecycle
    and intervals.valid_from = evidence.valid_from
where is_current;
drop table evidence;

create table core.dim_customers as
select
    customer_id,
    coalesce(nullif(acquisition_channel, 'unknown'), first_touch_channel) as acquisition_channel,
    case
        when is_company then 'business_buyer'
        when counted_order_count >= 4 then 'enthusiast'
        when gross_amount > 0 and discount_amount >= 0.15 * gross_amount then 'bargain_hunter'
        when counted_order_count > 0 then 'occasional_buyer'
        when content_view_count + knowledge_base_view_count >= 3 then 'researcher'
        else 'browser'
    end as persona,
    country_code, relationship.stage as relationship_stage, journey.stage as journey_stage,
    relationship.next_care_action, 'EUR' as currency_code,
    coalesce(counted_order_count, 0)::integer as counted_order_count,
    coalesce(gross_amount, 0)::decimal(18, 2) as lifetime_gross_revenue,
    coalesce(discount_amount, 0)::decimal(18, 2) as lifetime_discount_amount,
    coalesce(refund_amount, 0)::decimal(18, 2) as lifetime_refund_amount,
    coalesce(net_amount, 0)::decimal(18, 2) as lifetime_net_revenue,
    relationship_strength,
    coalesce(marketing_consent, false) as is_marketable, first_seen_at, indicators.last_active_at,
    relationship.valid_from as relationship_stage_since, journey.valid_from as journey_stage_since, first_order_at, last_order_at
from indicators
inner join engagement.fct_relationship_strength using (customer_id)
inner join (from current_stages where lifecycle = 'relationship') as relationship using (customer_id)
inner join (from current_stages where lifecycle = 'journey') as journey using (customer_id);

-- Dimensions and days -----------------------------------------------------------------
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
from stages;

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
