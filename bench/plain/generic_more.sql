-- The limit for files in the generic format, after generic.sql and with its temporary tables: what is told of
-- customers. Reports, value, engagement, loss and care. What is not done: see the head of generic.sql.

-- Whose is which identifier --------------------------------------------------------------------------------
create table core.customer_identity_ledger as
with identifiers as (
    select customer_id, customer_id as identifier_key, 'contact_id' as identifier_type, 'generic' as source_system,
        coalesce(md5(external_id), md5(email), md5(phone)) as joined_with_key, created_at as first_seen_at
    from contacts
    union all
    select customer_id, md5(external_id), 'external_id', null, customer_id, created_at
    from contacts where external_id is not null
    union all
    select customer_id, md5(email), 'email', null, customer_id, created_at from contacts where email is not null
    union all
    select customer_id, md5(phone), 'phone', null, customer_id, created_at from contacts where phone is not null
    union all
    -- Who is no contact is known by an address alone.
    select customer_id, customer_id, 'email', null, null, first_seen_at
    from indicators anti join contacts using (customer_id)
)
select
    identifier_key, customer_id, identifier_type, source_system,
    case when joined_with_key is null then 'alone' else 'record' end as joined_by, joined_with_key,
    identifier_key = customer_id as is_eldest, false as is_shared, false as is_split, first_seen_at,
    case when joined_with_key is not null then first_seen_at end as joined_at
from identifiers;

create table core.customer_redirects as
select identifier_key as former_customer_id, customer_id
from core.customer_identity_ledger
where not is_eldest;

-- Loss and return -----------------------------------------------------------------------------------------
create temp table lost_intervals as
with stays as (
    select
        customer_id, order_id as last_order_id, order_number as order_count_at_loss, ordered_at as last_order_at,
        lapse_ends_at as lost_at, next_ordered_at as returned_at,
        row_number() over (partition by customer_id order by lapse_ends_at)::integer as entry_number,
        floor((epoch(getvariable('as_of')) - epoch(lapse_ends_at)) / (86400 * 90))::integer as band
    from numbered
    where lapse_ends_at < getvariable('as_of') and (next_ordered_at is null or next_ordered_at > lapse_ends_at)
)
select
    stays.*,
    (sum(net_amount) filter (ordered_at > last_order_at - interval 365 day))::decimal(18, 2) as value_at_stake,
    count(*) filter (is_discounted) as discounted_count, bool_or(is_discounted and order_number = order_count_at_loss)
        as was_last_discounted
from stays
inner join (
    select customer_id, order_number, ordered_at, net_amount, is_discounted from numbered
) as orders
    on stays.customer_id = orders.customer_id and order_number <= order_count_at_loss
group by all;

create table care.fct_churn_reasons as
with events as (
    select customer_id, 'negative_opinion' as reason, 'review_written' as activity, review_id as subject_id,
        reviewed_at as evidence_at
    from core.fct_reviews where rating <= 2
    union all
    select customer_id, 'refund', activity, subject_id, occurred_at
    from core.fct_customer_activities where activity = 'refund_issued'
    union all
    select customer_id, 'late_delivery', 'order_delivered', order_id, delivered_at
    from valued where delivered_at > promised_at
),
found as (
    select
        lost_intervals.customer_id, entry_number, reason, activity, max_by(subject_id, evidence_at) as subject_id,
        count(*) as evidence_count, max(evidence_at) as evidence_at
    from events
    inner join lost_intervals
        on events.customer_id = lost_intervals.customer_id and evidence_at >= last_order_at - interval 90 day
        and evidence_at < lost_at
    group by lost_intervals.customer_id, entry_number, reason, activity
    union all
    -- Bought at discounts up to the end, or until the last order, which had none.
    select
        lost_intervals.customer_id, entry_number, 'price', 'order_placed', max_by(order_id, order_number),
        max(discounted_count), max(ordered_at)
    from lost_intervals
    inner join numbered
        on lost_intervals.customer_id = numbered.customer_id and order_number <= order_count_at_loss
    where is_discounted and (
        (order_count_at_loss >= 2 and discounted_count >= 0.75 * order_count_at_loss)
        or (order_count_at_loss >= 3 and not was_last_discounted and discounted_count >= 0.75 * (order_count_at_loss - 1))
    )
    group by lost_intervals.customer_id, entry_number
),
explained as (
    from found
    union all
    select customer_id, entry_number, 'silence', 'order_placed', last_order_id, 1, last_order_at
    from lost_intervals anti join found using (customer_id, entry_number)
)
select
    customer_id, entry_number, reason,
    (row_number() over (partition by customer_id, entry_number order by strength_rank))::integer as reason_rank,
    is_stated, activity as evidence_activity, 'generic' as evidence_source_system, subject_id as evidence_subject_id,
    evidence_count::integer as evidence_count, value_at_stake, 'EUR' as currency_code, returned_at is null as is_current,
    evidence_at, lost_at, returned_at
from explained
inner join lost_intervals using (customer_id, entry_number)
inner join read_csv(getvariable('seeds') || '/churn_reasons.csv', header = true) as reasons using (reason);

create temp table return_rates as
select
    order_count_at_loss > 1 as is_repeat_buyer, bands.band, count(*) as comparable_interval_count,
    case when count(*) >= 20 then avg(coalesce(
        returned_at <= lost_at + to_days(bands.band * 90 + 180), false
    )::integer) end::decimal(18, 6) as return_rate
from lost_intervals
inner join (select distinct band from lost_intervals) as bands on lost_intervals.band >= bands.band
where lost_at + to_days(bands.band * 90 + 180) < getvariable('as_of')
    and (returned_at is null or returned_at > lost_at + to_days(bands.band * 90))
group by is_repeat_buyer, bands.band;

create table care.fct_win_backs as
with attempts as (
    select
        subject_id as interaction_id, offers.customer_id, entry_number, activity as kind, channel, campaign,
        occurred_at as attempted_at, lost_at, returned_at as interval_ended_at, occurred_at + interval 60 day as window_ends_at
    from (from core.fct_customer_activities where activity = 'offer_sent') as offers
    inner join lost_intervals
        on offers.customer_id = lost_intervals.customer_id and occurred_at >= lost_at
        and occurred_at < coalesce(returned_at, getvariable('as_of'))
),
bought as (
    select
        interaction_id, count(*) as order_count, sum(net_amount) as net_revenue,
        min_by(order_id, order_number) as return_order_id, min(ordered_at) as returned_at
    from attempts
    inner join numbered
        on attempts.customer_id = numbered.customer_id and ordered_at > attempted_at and ordered_at <= window_ends_at
    group by interaction_id
)
select
    attempts.interaction_id, 'generic' as source_system, customer_id, entry_number,
    (row_number() over stay)::integer as attempt_number, kind, channel, campaign,
    case when returned_at is not null then 'returned' when window_ends_at >= getvariable('as_of') then 'pending'
        else 'no_return' end as outcome,
    false as was_offer_taken, lead(1) over stay is null as is_last_attempt,
    floor((epoch(attempted_at) - epoch(lost_at)) / 86400)::integer as days_lost_at_attempt,
    floor((epoch(returned_at) - epoch(attempted_at)) / 86400)::integer as days_to_return,
    case when returned_at is not null then 'generic' end as return_order_source_system, return_order_id,
    coalesce(order_count, 0)::integer as order_count_in_window,
    coalesce(net_revenue, 0)::decimal(18, 2) as net_revenue_in_window, 'EUR' as currency_code, attempted_at, lost_at,
    window_ends_at, returned_at
from attempts
left join bought using (interaction_id)
window stay as (partition by customer_id, entry_number order by attempted_at, attempts.interaction_id);

-- Who is in which stage now ------------------------------------------------------------------------------------
create temp table beginnings as
select
    customer_id, persona, country_code, acquisition_channel, entered_by, evidence_activity_key, previous_stage,
    entry_number, current_stages.next_care_action, care_due_date, is_marketable, relationship_strength,
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
with reasons as (
    select
        customer_id, max(reason) filter (reason_rank = 1) as main_reason, null::varchar as stated_reason,
        string_agg(reason, ', ' order by reason_rank) as reasons
    from care.fct_churn_reasons
    where is_current
    group by customer_id
),
attempts as (
    select
        customer_id, entry_number, count(*)::integer as win_back_attempt_count,
        max(outcome) filter (is_last_attempt) as last_win_back_outcome, max(attempted_at) as last_win_back_at
    from care.fct_win_backs
    group by customer_id, entry_number
)
select
    beginnings.* exclude (stage, stage_since),
    counted_order_count::integer as counted_order_count, indicators.last_order_at,
    days_since_last_order::integer as days_since_last_order, lapse_window_days, net_amount as lifetime_net_revenue,
    average_rating, nothing as open_ticket_count, late_delivery_count::integer as late_delivery_count,
    offer_sent_count::integer as offer_sent_count, nothing as offer_taken_count, nothing as win_back_offer_count,
    stage_since, main_reason, stated_reason, reasons, value_at_stake, return_rate as return_probability,
    coalesce(comparable_interval_count, 0)::integer as comparable_interval_count,
    coalesce(win_back_attempt_count, 0)::integer as win_back_attempt_count, last_win_back_outcome, last_win_back_at
from beginnings
inner join indicators using (customer_id)
inner join lost_intervals on beginnings.customer_id = lost_intervals.customer_id and lost_intervals.returned_at is null
left join reasons on beginnings.customer_id = reasons.customer_id
left join return_rates
    on (order_count_at_loss > 1) = return_rates.is_repeat_buyer and lost_intervals.band = return_rates.band
left join attempts
    on lost_intervals.customer_id = attempts.customer_id and lost_intervals.entry_number = attempts.entry_number
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
    delivered::integer as delivered_order_count, last_delivered_at, coalesce(late_delivery_count, 0)::integer as
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
    last_checkout_started_at, last_order_at, coalesce(counted_order_count, 0)::integer as counted_order_count,
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

create table lifecycle.rpt_lifecycle_funnel as
with stays as (
    select
        customer_id, intervals.lifecycle, intervals.stage, stages.stage_rank, stages.is_loss,
        coalesce(not stages.is_loss and not next_stages.is_loss and next_stages.stage_rank < stages.stage_rank, false)
            as has_regressed,
        coalesce(next_stages.is_loss, false) as was_lost, is_current, duration_days, valid_from,
        first_seen_at, date_trunc('month', first_seen_at)::date as cohort_month
    from lifecycle.fct_customer_stage_intervals as intervals
    inner join indicators using (customer_id)
    inner join stages on intervals.lifecycle = stages.lifecycle and intervals.stage = stages.stage
    left join stages as next_stages
        on intervals.lifecycle = next_stages.lifecycle and intervals.next_stage = next_stages.stage
),
reached as (
    select
        customer_id, lifecycle, stage, stage_rank, is_loss, cohort_month, bool_or(has_regressed) as has_regressed,
        bool_or(was_lost) as was_lost, min(valid_from) as entered_at, max(valid_from) as last_entered_at,
        floor((epoch(entered_at) - epoch(min(first_seen_at))) / 86400) as days_to_reach
    from stays
    group by customer_id, lifecycle, stage, stage_rank, is_loss, cohort_month
),
followed as (
    select
        *, max(last_entered_at) filter (not is_loss) over further > entered_at as has_converted,
        max(stage_rank) filter (not is_loss) over (partition by customer_id, lifecycle) as furthest_rank
    from reached
    window further as (
        partition by customer_id, lifecycle order by stage_rank rows between 1 following and unbounded following
    )
),
counted as (
    select
        lifecycle, stage, cohort_month, count(*) as entered_count,
        count(*) filter (has_converted) as converted_count, count(*) filter (has_regressed) as regressed_count,
        count(*) filter (was_lost) as lost_count, count(*) filter (stage_rank < furthest_rank) as passed_count,
        median(days_to_reach) as median_days_to_reach
    from followed
    group by lifecycle, stage, cohort_month
),
stayed as (
    select
        lifecycle, stage, cohort_month, count(*) filter (is_current) as current_count,
        median(duration_days) filter (not is_current) as median_days_in_stage
    from stays
    group by lifecycle, stage, cohort_month
),
-- How far customers came: who came beyond a stage was in it or skipped it.
lives as (
    select lifecycle, cohort_month, furthest_rank, count(distinct customer_id) as customer_count
    from followed
    group by lifecycle, cohort_month, furthest_rank
),
cohorts as (
    select
        lifecycle, stage, stage_rank, is_loss, cohort_month, sum(customer_count) as cohort_size,
        coalesce(sum(customer_count) filter (not is_loss and furthest_rank > stage_rank), 0) as beyond_count
    from lives
    inner join stages using (lifecycle)
    group by lifecycle, stage, stage_rank, is_loss, cohort_month
)
select
    lifecycle, stage, cohort_size::integer as cohort_size, coalesce(entered_count, 0)::integer as entered_count,
    coalesce(converted_count, 0)::integer as converted_count,
    case when is_loss then 0 else beyond_count - coalesce(passed_count, 0) end::integer as skipped_count,
    coalesce(regressed_count, 0)::integer as regressed_count, coalesce(lost_count, 0)::integer as lost_count,
    coalesce(current_count, 0)::integer as current_count,
    coalesce(entered_count, 0)::double / cohort_size as entered_rate,
    case when stage_rank < max(stage_rank) filter (not is_loss) over (partition by lifecycle)
        then converted_count / entered_count end as conversion_rate,
    median_days_to_reach, median_days_in_stage, cohort_month
from cohorts
left join counted using (lifecycle, stage, cohort_month)
left join stayed using (lifecycle, stage, cohort_month);

-- Orders by the stage the customer was in just after them.
create temp table ordered_in_stages as
select
    lifecycle, stage, date_trunc('month', ordered_at)::date as month, count(*) as order_count,
    count(distinct numbered.customer_id) as customer_count, sum(net_amount) as net_revenue
from numbered
inner join lifecycle.fct_customer_stage_intervals as intervals
    on numbered.customer_id = intervals.customer_id and ordered_at >= valid_from
    and ordered_at < coalesce(valid_to, getvariable('as_of'))
group by all;

create table lifecycle.rpt_stage_kpis as
with daily as (
    select
        lifecycle, stage, date_trunc('month', date)::date as month, max_by(customer_count, date) as end_count,
        min_by(customer_count - entered_count + exited_count, date) as start_count, sum(entered_count) as entry_count,
        sum(exited_count) as exit_count
    from lifecycle.fct_lifecycle_stages_daily
    group by all
),
moves as (
    select
        lifecycle, from_stage as stage, date_trunc('month', transitioned_at)::date as month,
        count(*) filter (direction in ('forward', 'skipped')) as onward_count,
        count(*) filter (direction = 'regressed') as regression_count,
        count(*) filter (direction = 'lost') as loss_count, count(*) filter (direction = 'won_back') as win_back_count,
        median(days_in_from_stage) as median_days
    from lifecycle.fct_customer_stage_transitions
    where from_stage is not null
    group by all
),
skipping as (
    select
        lifecycle, to_stage as stage, skipped_stage_count, date_trunc('month', transitioned_at)::date as month,
        count(*) as move_count
    from lifecycle.fct_customer_stage_transitions
    where skipped_stage_count > 0
    group by all
),
skipped as (
    select skipping.lifecycle, passed.stage, month, sum(move_count) as skip_count
    from skipping
    inner join stages using (lifecycle, stage)
    inner join stages as passed
        on skipping.lifecycle = passed.lifecycle and passed.stage_rank < stages.stage_rank
        and passed.stage_rank >= stages.stage_rank - skipped_stage_count
    group by all
),
months as (
    select
        *, stage_rank < max(stage_rank) filter (not is_loss) over (partition by lifecycle) as has_next_stage
    from daily
    inner join stages using (lifecycle, stage)
    left join moves using (lifecycle, stage, month)
    left join skipped using (lifecycle, stage, month)
    left join ordered_in_stages using (lifecycle, stage, month)
)
select
    lifecycle, stage,
    unnest([
        'customers_at_month_end', 'entries', 'exits', 'onward_moves', 'conversion_rate', 'skips', 'regressions',
        'losses', 'win_backs', 'median_days_in_stage', 'orders', 'net_revenue'
    ]) as indicator,
    unnest([
        'customers', 'moves', 'moves', 'moves', 'share', 'moves', 'moves', 'moves', 'moves', 'days', 'orders', 'money'
    ]) as unit,
    unnest([
        end_count, entry_count, exit_count, coalesce(onward_count, 0),
        case when has_next_stage and start_count + entry_count > 0
            then coalesce(onward_count, 0) / (start_count + entry_count) end,
        coalesce(skip_count, 0), coalesce(regression_count, 0), coalesce(loss_count, 0), coalesce(win_back_count, 0),
        median_days, coalesce(order_count, 0), coalesce(net_revenue, 0)
    ]::decimal(18, 6)[]) as value,
    month
from months;

-- Forecast: a Markov chain by months, from each of the last 25 month ends (docs/definitions.md, "Forecast") --------
create temp table month_moves as
with held as (
    select
        lifecycle, lag(stage) over (partition by customer_id, lifecycle order by valid_from) as from_stage, stage,
        first_month, last_month
    from (
        select
            *, date_trunc('month', valid_from)::date as first_month,
            (date_trunc('month', coalesce(valid_to, getvariable('as_of'))) - interval 1 month)::date as last_month
        from lifecycle.fct_customer_stage_intervals
    )
    where first_month <= last_month
),
steps as (
    select lifecycle, stage, first_month as after_month, count(*) as step from held group by all
    union all
    select lifecycle, stage, last_month, -count(*) from held group by all
),
moved as (
    select lifecycle, first_month as month, from_stage, stage as to_stage, count(*) as customer_count
    from held
    group by all
    union all
    select lifecycle, month, stage, stage, sum(step)
    from steps
    inner join (select distinct month_start_date as month from core.dim_dates) as months on month > after_month
    group by all
)
select lifecycle, month, from_stage, to_stage, sum(customer_count)::bigint as customer_count
from moved
group by all
having sum(customer_count) > 0;

create temp table chain as
with months as (
    select month, row_number() over (order by month) as age, count(*) over () - age as months_back
    from (select distinct month_start_date as month from core.dim_dates)
    where month + interval 1 month <= getvariable('as_of')
),
origins as (
    select month as origin_month, age, least(age, 12) as month_count
    from months
    where age >= 6 and months_back <= 24
),
seen as (
    select origin_month, lifecycle, from_stage, to_stage, sum(customer_count) as customer_count
    from origins
    inner join months on months.age <= origins.age and months.age > origins.age - month_count
    inner join month_moves using (month)
    group by all
),
pairs as (
    -- Rows without from_stage are new customers.
    select origin_month, month_count, lifecycle, sources.stage as from_stage, stages.stage as to_stage
    from origins
    cross join stages
    inner join (
        select lifecycle, stage from stages union all select distinct lifecycle, null from stages
    ) as sources using (lifecycle)
)
select
    pairs.*, coalesce(customer_count, 0) as move_count,
    sum(move_count) over (partition by pairs.origin_month, pairs.lifecycle, pairs.from_stage) as from_count,
    case when from_count > 0 then move_count / from_count else (pairs.from_stage = pairs.to_stage)::integer end
        ::double as probability
from pairs
left join seen
    on pairs.origin_month = seen.origin_month and pairs.lifecycle = seen.lifecycle
    and pairs.to_stage = seen.to_stage and pairs.from_stage is not distinct from seen.from_stage;

create temp table powers as
with recursive multiplied as (
    select
        origin_month, lifecycle, 0 as months_ahead, from_stage, to_stage, (from_stage = to_stage)::integer::double
            as probability
    from chain
    where from_stage is not null
    union all
    select
        chain.origin_month, chain.lifecycle, months_ahead + 1, multiplied.from_stage, chain.to_stage,
        sum(multiplied.probability * chain.probability)
    from multiplied
    inner join chain
        on multiplied.origin_month = chain.origin_month and multiplied.lifecycle = chain.lifecycle
        and multiplied.to_stage = chain.from_stage
    where months_ahead < 12
    group by chain.origin_month, chain.lifecycle, months_ahead, multiplied.from_stage, chain.to_stage
)
select
    *, coalesce(sum(probability) over (
        partition by origin_month, lifecycle, from_stage, to_stage order by months_ahead
        rows between unbounded preceding and 1 preceding
    ), 0) as earlier_sum
from multiplied;

create temp table forecasts as
with origins as (
    select
        chain.origin_month, chain.lifecycle, chain.to_stage as stage, month_count, move_count / month_count as entrants,
        coalesce(actual.customer_count, 0) as customer_count
    from chain
    left join (
        select lifecycle, month, to_stage, sum(customer_count) as customer_count from month_moves group by all
    ) as actual
        on chain.lifecycle = actual.lifecycle and chain.origin_month = actual.month and chain.to_stage = actual.to_stage
    where chain.from_stage is null
),
expected as (
    select
        origin_month, lifecycle, months_ahead, to_stage as stage,
        sum(customer_count * probability + entrants * earlier_sum) as expected_count,
        sum(customer_count * probability * (1 - probability) + entrants * earlier_sum) as chance_variance,
        sum(entrants / month_count * earlier_sum * earlier_sum) as entrant_variance
    from powers
    inner join origins using (origin_month, lifecycle)
    where from_stage = stage
    group by origin_month, lifecycle, months_ahead, to_stage
),
slopes as (
    select
        expected.origin_month, expected.lifecycle, expected.months_ahead + powers.months_ahead + 1 as months_ahead,
        expected.stage as from_stage, powers.from_stage as to_stage, powers.to_stage as stage,
        sum(expected_count * powers.probability) as slope
    from expected
    inner join powers
        on expected.origin_month = powers.origin_month and expected.lifecycle = powers.lifecycle
        and expected.months_ahead + powers.months_ahead < 12
    group by all
),
estimates as (
    select
        origin_month, lifecycle, months_ahead, stage, from_stage,
        (sum(probability * slope * slope) - pow(sum(probability * slope), 2)) / nullif(max(from_count), 0) as variance
    from slopes
    inner join chain using (origin_month, lifecycle, from_stage, to_stage)
    group by all
),
estimated as (
    select origin_month, lifecycle, months_ahead, stage, sum(greatest(variance, 0)) as variance
    from estimates
    group by all
)
select
    expected.origin_month, expected.lifecycle, expected.months_ahead, expected.stage,
    (origin_month + to_months(months_ahead))::date as month, origins.customer_count as origin_customer_count,
    expected_count, chance_variance + entrant_variance + coalesce(estimated.variance, 0) as variance
from expected
inner join estimated using (origin_month, lifecycle, months_ahead, stage)
inner join origins using (origin_month, lifecycle, stage);

-- How much wider intervals must be, by the errors of the forecasts made before; the interval itself.
create temp table forecast_intervals as
with actual as (
    select lifecycle, month, to_stage as stage, sum(customer_count) as customer_count from month_moves group by all
),
compared as (
    select forecasts.*, coalesce(customer_count, 0) as actual_count
    from forecasts
    left join actual using (lifecycle, month, stage)
),
learned as (
    select
        origins.lifecycle, origins.origin_month, count(variance) as error_count,
        coalesce(greatest(
            sum((pow(expected_count - actual_count, 2) / variance - 1) * months_ahead) / sum(months_ahead * months_ahead), 0
        ), 0) as excess
    from (select distinct lifecycle, origin_month from forecasts) as origins
    left join compared
        on origins.lifecycle = compared.lifecycle and compared.month <= origins.origin_month and variance >= 0.01
    group by all
)
select
    lifecycle, stage, months_ahead, origin_customer_count::integer as origin_customer_count,
    expected_count::decimal(18, 6) as expected_customer_count,
    greatest(expected_count - 1.2816 * sqrt(variance * (1 + excess * months_ahead)), 0)::decimal(18, 6)
        as expected_customer_count_low,
    (expected_count + 1.2816 * sqrt(variance * (1 + excess * months_ahead)))::decimal(18, 6)
        as expected_customer_count_high,
    error_count::integer as known_error_count, actual_count::integer as actual_customer_count, origin_month, month,
    max(origin_month) over () as newest_month
from compared
inner join learned using (lifecycle, origin_month);

create table lifecycle.rpt_stage_forecast as
select * exclude (actual_customer_count, newest_month)
from forecast_intervals
where origin_month = newest_month;

create table lifecycle.rpt_stage_forecast_backtest as
select
    * exclude (origin_month, month, newest_month),
    expected_customer_count - actual_customer_count as forecast_error,
    origin_customer_count - actual_customer_count as no_change_error,
    actual_customer_count between expected_customer_count_low and expected_customer_count_high as is_within_interval,
    origin_month, month
from forecast_intervals
where month <= newest_month;
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
    cast(null as double) as probability_active_12m,
    cast(null as double) as expected_orders_12m,
    cast(null as decimal(18, 2)) as predicted_revenue_12m,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_low,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_high,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_low_95,
    cast(null as decimal(18, 2)) as predicted_revenue_12m_high_95,
    cast(null as decimal(18, 2)) as predicted_margin_12m,
    cast(null as date) as expected_next_order_date,
    cast(null as varchar) as model_id,
    case when counted_order_count is null then 'no_orders' else 'no_model' end as reason_code
from indicators
left join spent using (customer_id);

create table value.lifetime_value_models (
    model_id varchar, family varchar, component varchar, segment varchar, status varchar, is_champion boolean,
    parameters varchar, log_covariance varchar, at_boundary varchar, data_hash varchar, customer_count integer,
    iterations integer, log_likelihood double, frequency_spend_correlation double, holdout_mae double,
    holdout_rmse double, holdout_relative_mae double, holdout_relative_rmse double, holdout_aggregate_error double,
    holdout_gini double, holdout_active_calibration_error double, holdout_coverage_80 double,
    holdout_coverage_95 double, holdout_spend_mae double, holdout_spend_aggregate_error double,
    holdout_spend_coverage_80 double, holdout_spend_coverage_95 double, as_of date, fitted_at timestamp
);

create table value.rpt_lifetime_value_diagnostics (
    diagnostic varchar, family varchar, point_number integer, position double, expected double, actual double
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

create table value.fct_customer_value_monthly as
with booked as (
    select
        customer_id, date_trunc('month', ordered_at)::date as month, 1 as order_count,
        (order_number > 1)::integer as later_order_count, items_amount, discount_amount, 0 as refund_amount,
        if(order_number = 1, items_amount - discount_amount, 0) as first_order_revenue, cost_amount
    from valued
    inner join (select order_id, order_number from numbered) as numbers using (order_id)
    union all
    select
        customer_id, date_trunc('month', refunded_at)::date, 0, 0, 0, 0, refunds.refund_amount, 0, 0
    from refunds
    inner join valued using (order_id)
    where is_counted
),
monthly as (
    select
        customer_id, month, sum(order_count)::integer as order_count, sum(later_order_count)::integer as later_order_count,
        sum(items_amount)::decimal(18, 2) as gross_revenue, sum(discount_amount)::decimal(18, 2) as discounts,
        sum(refund_amount)::decimal(18, 2) as refunds, sum(first_order_revenue)::decimal(18, 2) as first_order_revenue,
        (gross_revenue - discounts - refunds)::decimal(18, 2) as net_revenue,
        (net_revenue - sum(cost_amount))::decimal(18, 2) as margin
    from booked
    group by customer_id, month
)
select
    customer_id, month, 'EUR' as currency_code, order_count, later_order_count, gross_revenue,
    discounts as discount_amount, refunds as refund_amount, net_revenue, first_order_revenue,
    (gross_revenue - discounts - first_order_revenue)::decimal(18, 2) as later_order_revenue, margin,
    (sum(order_count) over past)::integer as cumulative_order_count,
    (sum(net_revenue) over past)::decimal(18, 2) as cumulative_net_revenue,
    (sum(margin) over past)::decimal(18, 2) as cumulative_margin
from monthly
window past as (partition by customer_id order by month rows unbounded preceding);

-- The way to an order, and after it ----------------------------------------------------------------------------
create table engagement.rpt_channel_attribution as
with touches as (
    select customer_id, acquisition_channel as channel, activity, subject_id, occurred_at
    from core.fct_customer_activities
    semi join read_csv(getvariable('seeds') || '/touchpoints.csv', header = true) as touchpoints using (activity)
    inner join channels on channel = delivered_channel
    where acquisition_channel <> 'unknown'
),
paired as (
    select
        order_id, net_amount, ordered_at, coalesce(channel, 'unknown') as channel,
        row_number() over (partition by order_id order by occurred_at, activity, subject_id) as touch_number,
        count(*) over (partition by order_id) as touch_count
    from numbered
    left join touches
        on numbered.customer_id = touches.customer_id and occurred_at > touched_after and occurred_at <= ordered_at
),
credited as (
    select
        date_trunc('month', ordered_at)::date as month, channel, net_amount,
        (touch_number = 1)::integer as first, (touch_number = touch_count)::integer as last, 1 / touch_count as linear,
        case
            when touch_count = 1 then 1
            when touch_count = 2 then 0.5
            when touch_number in (1, touch_count) then 0.4
            else 0.2 / (touch_count - 2)
        end::double as position_based
    from paired
),
summed as (
    select
        month, channel, [sum(first), sum(last), sum(linear), sum(position_based)] as orders,
        [sum(first * net_amount), sum(last * net_amount), sum(linear * net_amount), sum(position_based * net_amount)]
            as revenues
    from credited
    group by month, channel
)
select
    month, unnest(['first', 'last', 'linear', 'position_based']) as attribution_model, channel,
    unnest(orders)::decimal(18, 6) as credited_order_count, unnest(revenues)::decimal(18, 2) as credited_net_revenue,
    'EUR' as currency_code
from summed;

create table engagement.rpt_content_performance as
with views as (
    select
        content_id, coalesce(md5(contact_id), addresses.customer_id, md5(interactions.email)) as customer_id, occurred_at
    from read_parquet(getvariable('source') || '/interactions/*.parquet') as interactions
    left join addresses on case when interactions.contact_id is null then interactions.email end = addresses.email
    where occurred_at < getvariable('as_of') and kind in ('content_view', 'knowledge_base_view')
        and content_id is not null
),
audiences as (
    select
        content_id, count(*) as viewer_count, count(*) filter (last_order_at >= first_viewed_at) as later_buyer_count,
        count(*) filter (first_order_at >= first_viewed_at) as new_buyer_count
    from (
        select content_id, customer_id, min(occurred_at) as first_viewed_at from views
        where customer_id is not null group by content_id, customer_id
    )
    left join indicators using (customer_id)
    group by content_id
),
ways as (
    select
        order_id, net_amount, min_by(content_id, occurred_at) as first_content, max_by(content_id, occurred_at) as last_content
    from numbered
    inner join views
        on numbered.customer_id = views.customer_id and occurred_at > touched_after and occurred_at <= ordered_at
    group by order_id, net_amount
),
opened as (
    select first_content as content_id, count(*) as order_count, sum(net_amount) as net_revenue from ways group by all
),
closed as (
    select last_content as content_id, count(*) as order_count, sum(net_amount) as net_revenue from ways group by all
),
totals as (
    select
        content_id, count(*) as view_count, min(occurred_at) as first_viewed_at, max(occurred_at) as last_viewed_at
    from views
    group by content_id
)
select
    content_id, 'generic' as source_system, view_count::integer as view_count,
    coalesce(viewer_count, 0)::integer as viewer_count, coalesce(later_buyer_count, 0)::integer as later_buyer_count,
    (later_buyer_count / viewer_count)::decimal(18, 6) as later_buyer_share,
    coalesce(new_buyer_count, 0)::integer as new_buyer_count,
    (coalesce(new_buyer_count, 0) / (select count(first_order_at) from indicators))::decimal(18, 6) as new_buyer_reach,
    coalesce(opened.order_count, 0)::integer as first_touch_order_count,
    coalesce(opened.net_revenue, 0)::decimal(18, 2) as first_touch_net_revenue,
    coalesce(closed.order_count, 0)::integer as last_touch_order_count,
    coalesce(closed.net_revenue, 0)::decimal(18, 2) as last_touch_net_revenue, 'EUR' as currency_code, first_viewed_at,
    last_viewed_at
from totals
left join audiences using (content_id)
left join opened using (content_id)
left join closed using (content_id);

create table engagement.rpt_checkout_funnel (
    month date, step varchar, step_rank integer, reached_count integer, reach_rate decimal(18, 6),
    continued_count integer, abandoned_count integer, abandonment_rate decimal(18, 6), recovered_count integer,
    median_minutes_to_order decimal(18, 6)
);

create table engagement.rpt_support_effect as
with asked as (
    select
        date_trunc('month', occurred_at)::date as month, count(distinct customer_id) as asker_count,
        count(distinct customer_id) filter (activity = 'knowledge_base_view') as reader_count
    from core.fct_customer_activities
    where is_inquiry
    group by all
),
prospects as (
    select
        date_trunc('month', first_seen_at)::date as month,
        coalesce(
            first_sent_at <= first_seen_at + interval 30 day
            and (first_order_at is null or first_order_at > first_sent_at), false
        ) as was_reached,
        coalesce(first_order_at <= first_seen_at + interval 90 day, false) as has_converted
    from indicators
    where (first_order_at is null or first_order_at > first_seen_at)
        and first_seen_at + interval 90 day < getvariable('as_of')
),
reached as (
    select
        month, count(*) filter (was_reached) as reached_count,
        count(*) filter (was_reached and has_converted) as reached_converted_count,
        count(*) filter (not was_reached) as unreached_count,
        count(*) filter (not was_reached and has_converted) as unreached_converted_count
    from prospects
    group by month
)
select
    month, coalesce(asker_count, 0)::integer as asker_count, coalesce(asker_count, 0)::integer as asker_without_ticket_count,
    if(asker_count > 0, 1, null)::decimal(18, 6) as deflection_rate,
    coalesce(reader_count, 0)::integer as knowledge_base_reader_count,
    if(reader_count > 0, 1, null)::decimal(18, 6) as self_service_rate, 0 as ticket_count,
    0 as ticket_after_self_service_count, 0 as responded_ticket_count,
    null::decimal(18, 6) as median_first_response_hours, 0 as supported_decision_count,
    0 as supported_decision_converted_count, null::decimal(18, 6) as supported_decision_conversion_rate,
    0 as unsupported_decision_count, 0 as unsupported_decision_converted_count,
    null::decimal(18, 6) as unsupported_decision_conversion_rate,
    coalesce(reached_count, 0)::integer as reached_prospect_count,
    coalesce(reached_converted_count, 0)::integer as reached_prospect_converted_count,
    (reached_converted_count / nullif(reached_count, 0))::decimal(18, 6) as reached_prospect_conversion_rate,
    coalesce(unreached_count, 0)::integer as unreached_prospect_count,
    coalesce(unreached_converted_count, 0)::integer as unreached_prospect_converted_count,
    (unreached_converted_count / nullif(unreached_count, 0))::decimal(18, 6) as unreached_prospect_conversion_rate,
    0 as demo_prospect_count, 0 as demo_prospect_converted_count,
    null::decimal(18, 6) as demo_prospect_conversion_rate
from (select distinct month_start_date as month from core.dim_dates) as months
left join asked using (month)
left join reached using (month);

create table engagement.rpt_advocacy as
select
    date_trunc('month', reviewed_at)::date as month, coalesce(platform, 'unknown') as platform,
    count(*)::integer as review_count, count(*) filter (is_public)::integer as public_review_count,
    count(*) filter (rating >= 4)::integer as positive_review_count,
    count(*) filter (rating <= 2)::integer as negative_review_count, 0 as replied_review_count,
    avg(rating)::decimal(18, 6) as average_rating, 0 as nps_answer_count, 0 as promoter_count, 0 as passive_count,
    0 as detractor_count, null::decimal(18, 6) as net_promoter_score, 0 as referral_count,
    0 as converted_referral_count, null::decimal(18, 6) as referral_conversion_rate, 0 as referred_customer_count,
    0::decimal(18, 2) as referred_net_revenue, 'EUR' as currency_code
from core.fct_reviews
group by month, coalesce(platform, 'unknown');

create table engagement.rpt_loyalty as
with ordered as (
    select
        date_trunc('month', ordered_at)::date as month, count(*) as order_count,
        count(distinct customer_id) as customer_count, sum(net_amount) as net_revenue
    from numbered
    group by all
)
select
    months.month, 'none' as tier, 0::decimal(18, 6) as earned_points, 0::decimal(18, 6) as redeemed_points,
    0::decimal(18, 6) as expired_points, 0::decimal(18, 6) as adjusted_points, 0::decimal(18, 6) as points_balance,
    0 as member_count, coalesce(ordered.customer_count, 0)::integer as ordering_customer_count,
    coalesce(ordered.order_count, 0)::integer as order_count, coalesce(ordered.net_revenue, 0)::decimal(18, 2) as net_revenue,
    coalesce(loyal.customer_count, 0)::integer as loyal_customer_count,
    coalesce(loyal.order_count, 0)::integer as loyal_order_count,
    coalesce(loyal.net_revenue, 0)::decimal(18, 2) as loyal_net_revenue, 0 as offer_taken_count, 'EUR' as currency_code
from (select distinct month_start_date as month from core.dim_dates) as months
left join ordered on months.month = ordered.month
left join ordered_in_stages as loyal
    on months.month = loyal.month and loyal.lifecycle = 'relationship' and loyal.stage = 'loyal';

create table engagement.rpt_personas as
with mixes as (
    select
        persona, lifecycle, stage, count(*) as customer_count, count(*) filter (counted_order_count > 0) as buyer_count,
        sum(counted_order_count) as order_count, sum(lifetime_net_revenue) as net_revenue
    from beginnings
    inner join stages using (stage)
    inner join core.dim_customers using (customer_id, persona)
    group by persona, lifecycle, stage
)
select
    persona, stages.lifecycle, stages.stage, stage_rank::integer as stage_rank,
    coalesce(customer_count, 0)::integer as customer_count,
    (coalesce(customer_count, 0) / sum(customer_count) over (partition by persona, stages.lifecycle))::decimal(18, 6)
        as customer_share,
    coalesce(buyer_count, 0)::integer as buyer_count, coalesce(order_count, 0)::integer as counted_order_count,
    coalesce(net_revenue, 0)::decimal(18, 2) as lifetime_net_revenue, 'EUR' as currency_code
from (
    select unnest(['business_buyer', 'enthusiast', 'bargain_hunter', 'occasional_buyer', 'researcher', 'browser']) as persona
) as personas
cross join stages
left join mixes using (persona, lifecycle, stage);

create table engagement.fct_post_purchase as
select
    order_id, 'generic' as source_system, customer_id, is_counted, false as was_thanked,
    null::integer as minutes_to_thank_you, false as was_followed_up, null::integer as hours_to_follow_up,
    0 as csat_answer_count, null::decimal(18, 6) as csat_score,
    case
        when promised_at is null then 'none'
        when delivered_at <= promised_at then 'kept'
        when delivered_at > promised_at then 'late'
        when promised_at < getvariable('as_of') then 'overdue'
        else 'open'
    end as delivery_promise,
    case when delivered_at > promised_at then floor((epoch(delivered_at) - epoch(promised_at)) / 3600) end::integer
        as hours_late,
    ordered_at, no_time as thanked_at, promised_at, delivered_at, no_time as followed_up_at
from (select *, null::timestamp as no_time from valued)
where status not in ('cancelled', 'failed');

-- What came of care: stays that still lasted 14 days after the action was due, watched for 90 days from then ----
create table care.fct_care_outcomes as
with watched as (
    select
        customer_id, lifecycle, stage, care_action, coalesce(done_at <= landmark_at, false) as was_treated, landmark_at
    from (select *, called_for_at + to_days(due_after_days::integer + 14) as landmark_at from occasions)
    where landmark_at + interval 90 day < getvariable('as_of') and (valid_to is null or valid_to > landmark_at)
),
stays as (
    select
        lifecycle, stage, care_action, was_treated, count(*) as interval_count, count(distinct customer_id) as customer_count
    from watched
    group by lifecycle, stage, care_action, was_treated
),
-- The first order after the landmark tells that the stay had one.
ordered as (
    select
        lifecycle, stage, care_action, was_treated, sum(net_amount) as net_revenue,
        count(*) filter (previous_ordered_at is null or previous_ordered_at <= landmark_at) as ordered_interval_count
    from watched
    inner join numbered
        on watched.customer_id = numbered.customer_id and ordered_at > landmark_at
        and ordered_at <= landmark_at + interval 90 day
    group by lifecycle, stage, care_action, was_treated
),
recommended as (
    select lifecycle, stage, action as care_action, count(*) as customer_count
    from care.fct_care_actions
    group by lifecycle, stage, action
),
rated as (
    select
        *, coalesce(ordered_interval_count, 0)::integer as ordered_count,
        (ordered_count / interval_count)::decimal(18, 6) as order_rate, coalesce(net_revenue, 0)::decimal(18, 2) as revenue
    from stays
    left join ordered using (lifecycle, stage, care_action, was_treated)
)
select
    care_actions.lifecycle, care_actions.stage, care_actions.care_action as action, condition,
    priority::integer as priority, coalesce(recommended.customer_count, 0)::integer as recommended_customer_count,
    coalesce(treated.interval_count, 0)::integer as treated_interval_count,
    coalesce(treated.customer_count, 0)::integer as treated_customer_count,
    coalesce(treated.ordered_count, 0)::integer as treated_ordered_interval_count, treated.order_rate as treated_order_rate,
    coalesce(treated.revenue, 0)::decimal(18, 2) as treated_net_revenue,
    coalesce(untreated.interval_count, 0)::integer as untreated_interval_count,
    coalesce(untreated.customer_count, 0)::integer as untreated_customer_count,
    coalesce(untreated.ordered_count, 0)::integer as untreated_ordered_interval_count,
    untreated.order_rate as untreated_order_rate, coalesce(untreated.revenue, 0)::decimal(18, 2) as untreated_net_revenue,
    (treated.order_rate - untreated.order_rate)::decimal(18, 6) as order_rate_difference, 'EUR' as currency_code
from care_actions
left join recommended using (lifecycle, stage, care_action)
left join (from rated where was_treated) as treated using (lifecycle, stage, care_action)
left join (from rated where not was_treated) as untreated using (lifecycle, stage, care_action);
