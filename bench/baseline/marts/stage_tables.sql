-- Who is in which stage now: the same first columns in all ten tables, then the stage's own
-- indicators.
create temp table beginnings as
select
    customer_id,
    persona,
    country_code,
    acquisition_channel,
    entered_by,
    evidence_activity_key,
    previous_stage,
    entry_number,
    current_stages.next_care_action,
    care_due_date,
    is_marketable,
    relationship_strength,
    duration_days as days_in_stage,
    stage,
    valid_from as stage_since
from current_stages
inner join core.dim_customers using (customer_id);

create table lifecycle.customers_in_advocacy as
select
    beginnings.* exclude (stage, stage_since),
    advocacy_signal_count::integer as advocacy_signal_count,
    coalesce(review_count, 0)::integer as review_count,
    average_rating,
    no_score as last_nps_score,
    nothing as referral_count,
    counted_order_count::integer as counted_order_count,
    net_amount as lifetime_net_revenue,
    no_points as loyalty_points_balance,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'advocacy';

create table lifecycle.customers_in_discovery as
select
    beginnings.* exclude (stage, stage_since),
    first_touch_channel,
    activity_count::integer as activity_count,
    page_view_count::integer as page_view_count,
    content_view_count::integer as content_view_count,
    last_active_at,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'discovery';

create table lifecycle.customers_in_education as
select
    beginnings.* exclude (stage, stage_since),
    inquiry_count::integer as inquiry_count,
    knowledge_base_view_count::integer as knowledge_base_view_count,
    nothing as demo_or_trial_count,
    nothing as ticket_count,
    nothing as open_ticket_count,
    content_view_count::integer as content_view_count,
    last_active_at,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'education';

create table lifecycle.customers_in_first_purchase as
select
    beginnings.* exclude (stage, stage_since),
    first_order_at,
    days_since_last_order::integer as days_since_last_order,
    last_order_net_amount,
    late_delivery_count::integer as late_delivery_count,
    average_rating,
    no_average as average_csat_score,
    nothing as open_ticket_count,
    lapse_date,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'first_purchase';

create table lifecycle.customers_in_lost as
with reasons as (
    select
        customer_id,
        max(reason) filter (reason_rank = 1) as main_reason,
        null::varchar as stated_reason,
        string_agg(reason, ', ' order by reason_rank) as reasons
    from care.fct_churn_reasons
    where is_current
    group by customer_id
),

attempts as (
    select
        customer_id,
        entry_number,
        count(*)::integer as win_back_attempt_count,
        max(outcome) filter (is_last_attempt) as last_win_back_outcome,
        max(attempted_at) as last_win_back_at
    from care.fct_win_backs
    group by customer_id, entry_number
)

select
    beginnings.* exclude (stage, stage_since),
    counted_order_count::integer as counted_order_count,
    indicators.last_order_at,
    days_since_last_order::integer as days_since_last_order,
    lapse_window_days,
    net_amount as lifetime_net_revenue,
    average_rating,
    nothing as open_ticket_count,
    late_delivery_count::integer as late_delivery_count,
    offer_sent_count::integer as offer_sent_count,
    offer_taken_count::integer as offer_taken_count,
    nothing as win_back_offer_count,
    stage_since,
    main_reason,
    stated_reason,
    reasons,
    value_at_stake,
    return_rate as return_probability,
    coalesce(comparable_interval_count, 0)::integer as comparable_interval_count,
    coalesce(win_back_attempt_count, 0)::integer as win_back_attempt_count,
    last_win_back_outcome,
    last_win_back_at
from beginnings
inner join indicators using (customer_id)
inner join lost_intervals
    on beginnings.customer_id = lost_intervals.customer_id and lost_intervals.returned_at is null
left join reasons on beginnings.customer_id = reasons.customer_id
left join return_rates
    on
        (order_count_at_loss > 1) = return_rates.is_repeat_buyer
        and lost_intervals.band = return_rates.band
left join attempts
    on
        lost_intervals.customer_id = attempts.customer_id
        and lost_intervals.entry_number = attempts.entry_number
where stage = 'lost';

create table lifecycle.customers_in_loyal as
select
    beginnings.* exclude (stage, stage_since),
    counted_order_count::integer as counted_order_count,
    in_window::integer as orders_in_loyalty_window,
    average_days_between_orders,
    days_since_last_order::integer as days_since_last_order,
    last_order_at,
    net_amount as lifetime_net_revenue,
    no_points as loyalty_points_balance,
    offer_taken_count::integer as offer_taken_count,
    no_score as last_nps_score,
    lapse_date,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'loyal';

create table lifecycle.customers_in_post_purchase_engagement as
select
    beginnings.* exclude (stage, stage_since),
    delivered::integer as delivered_order_count,
    last_delivered_at,
    coalesce(late_delivery_count, 0)::integer as late_delivery_count,
    nothing as thank_you_count,
    nothing as follow_up_count,
    no_average as average_csat_score,
    average_rating,
    nothing as open_ticket_count,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'post_purchase_engagement';

create table lifecycle.customers_in_prospect as
select
    beginnings.* exclude (stage, stage_since),
    first_touch_channel,
    activity_count::integer as activity_count,
    inquiry_count::integer as inquiry_count,
    content_view_count::integer as content_view_count,
    nothing as checkout_count,
    offer_sent_count::integer as offer_sent_count,
    last_active_at,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'prospect';

create table lifecycle.customers_in_purchase as
select
    beginnings.* exclude (stage, stage_since),
    open::integer as open_order_count,
    nothing as open_checkout_count,
    nothing as checkout_count,
    no_time as last_checkout_started_at,
    last_order_at,
    coalesce(counted_order_count, 0)::integer as counted_order_count,
    inquiry_count::integer as inquiry_count,
    nothing as open_ticket_count,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'purchase';

create table lifecycle.customers_in_repeat_purchase as
select
    beginnings.* exclude (stage, stage_since),
    counted_order_count::integer as counted_order_count,
    average_days_between_orders,
    days_since_last_order::integer as days_since_last_order,
    last_order_at,
    net_amount as lifetime_net_revenue,
    no_average as average_csat_score,
    in_window::integer as orders_in_loyalty_window,
    lapse_date,
    stage_since
from beginnings
inner join indicators using (customer_id)
where stage = 'repeat_purchase';
