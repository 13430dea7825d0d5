-- The care that stages and conditions call for, and what came of it.

-- A condition holds from the first record that raises it to the next one that settles it.
create temp table conditions as
with inquiries as (
    select customer_id, activity, activity_key, occurred_at
    from core.fct_customer_activities
    where activity in ('inquiry', 'chat')
),

complaints as (
    select
        customer_id,
        md5(getvariable('system') || '|review_written|' || review_id) as activity_key,
        reviewed_at
    from core.fct_reviews
    where rating <= getvariable('negative_rating')
),

signals as (
    select
        customer_id,
        'asked_without_answer' as condition,
        activity,
        activity_key,
        occurred_at,
        activity <> 'inquiry' as is_settling
    from inquiries
    union all
    select customer_id, 'asked_without_answer', activity, activity_key, occurred_at, true
    from core.fct_customer_activities
    semi join inquiries using (customer_id)
    where activity = 'order_placed'
    union all
    select
        customer_id, 'delivered_without_review', activity, activity_key, occurred_at,
        activity = 'review_written'
    from core.fct_customer_activities
    where activity in ('order_delivered', 'review_written')
    union all
    select customer_id, 'complained', 'review_written', activity_key, reviewed_at, false
    from complaints
    union all
    select customer_id, 'complained', activity, activity_key, occurred_at, true
    from core.fct_customer_activities
    semi join complaints using (customer_id)
    where activity = 'order_placed'
),

turns as (
    select *
    from signals
    qualify is_settling <> lag(is_settling, 1, true) over (
        partition by customer_id, condition order by occurred_at, is_settling, activity_key
    )
),

settled as (
    select
        *,
        lead(occurred_at) over (
            partition by customer_id, condition order by occurred_at, is_settling, activity_key
        ) as settled_at
    from turns
)

select
    customer_id,
    condition,
    activity,
    activity_key,
    occurred_at as holds_from,
    settled_at as holds_to
from settled
where not is_settling and (settled_at is null or settled_at > occurred_at);

-- Every interval and action that it called for, and when the action was done.
create temp table occasions as
with called as (
    select
        customer_id,
        lifecycle,
        stage,
        care_action,
        response,
        due_after_days,
        entered_by as evidence,
        null::varchar as condition_key,
        is_current as is_open,
        valid_to,
        valid_from as called_for_at
    from lifecycle.fct_customer_stage_intervals
    inner join care_actions using (lifecycle, stage)
    where condition is null
    union all
    select
        intervals.customer_id,
        intervals.lifecycle,
        intervals.stage,
        care_action,
        response,
        due_after_days,
        conditions.activity,
        conditions.activity_key,
        is_current and holds_to is null,
        valid_to,
        greatest(valid_from, holds_from)
    from conditions
    inner join care_actions using (condition)
    inner join lifecycle.fct_customer_stage_intervals as intervals
        on
            conditions.customer_id = intervals.customer_id
            and care_actions.lifecycle = intervals.lifecycle
            and care_actions.stage = intervals.stage
            and (valid_to is null or valid_to > holds_from)
            and (holds_to is null or valid_from < holds_to)
),

sent as (
    select customer_id, activity, occurred_at
    from core.fct_customer_activities
    where activity in ('email_sent', 'offer_sent')
),

answered as (
    select
        moments.customer_id,
        called_for_at,
        min(occurred_at) filter (activity = 'email_sent') as email_sent_at,
        min(occurred_at) filter (activity = 'offer_sent') as offer_sent_at
    from (select distinct customer_id, called_for_at from called) as moments
    inner join sent on moments.customer_id = sent.customer_id and called_for_at <= occurred_at
    group by moments.customer_id, called_for_at
)

select
    called.*,
    case response
        when 'email_sent' then email_sent_at
        when 'offer_sent' then offer_sent_at
    end as done_at
from called
left join answered using (customer_id, called_for_at);
drop table conditions;

create table care.fct_care_actions as
select
    occasions.customer_id,
    occasions.lifecycle,
    occasions.stage,
    occasions.care_action as action,
    condition,
    reason,
    evidence,
    coalesce(condition_key, evidence_activity_key) as evidence_activity_key,
    priority::integer as priority,
    row_number() over (
        partition by occasions.customer_id, occasions.lifecycle
        order by done_at is not null, priority
    ) = 1 as is_next,
    (called_for_at + to_days(occasions.due_after_days::integer))::date as due_date,
    called_for_at,
    done_at
from occasions
inner join care_actions using (lifecycle, stage, care_action)
left join evidence
    on
        occasions.customer_id = evidence.customer_id
        and occasions.lifecycle = evidence.lifecycle
        and occasions.called_for_at = evidence.valid_from
where is_open;

-- Of intervals that still lasted at the landmark (the due date and a grace), the orders in the
-- time after it.
create table care.fct_care_outcomes as
with landmarks as (
    select
        *,
        called_for_at + to_days(due_after_days::integer + getvariable('care_grace_days'))
            as landmark_at
    from occasions
),

followed as (
    select
        customer_id,
        lifecycle,
        stage,
        care_action,
        coalesce(done_at <= landmark_at, false) as was_treated,
        landmark_at
    from landmarks
    where
        landmark_at + to_days(getvariable('care_outcome_days')) < getvariable('as_of')
        and (valid_to is null or valid_to > landmark_at)
),

counted as (
    select
        lifecycle,
        stage,
        care_action,
        was_treated,
        count(*) as interval_count,
        count(distinct customer_id) as customer_count
    from followed
    group by lifecycle, stage, care_action, was_treated
),

-- An interval with orders is counted once, at its first order after the landmark.
ordered as (
    select
        lifecycle,
        stage,
        care_action,
        was_treated,
        sum(net_amount) as net_revenue,
        count(*) filter (
            previous_ordered_at is null or previous_ordered_at <= landmark_at
        ) as ordered_interval_count
    from followed
    inner join counted_orders
        on
            followed.customer_id = counted_orders.customer_id
            and ordered_at > landmark_at
            and ordered_at <= landmark_at + to_days(getvariable('care_outcome_days'))
    group by lifecycle, stage, care_action, was_treated
),

recommended as (
    select lifecycle, stage, action as care_action, count(*) as customer_count
    from care.fct_care_actions
    group by lifecycle, stage, action
),

rated as (
    select
        *,
        coalesce(ordered_interval_count, 0)::integer as ordered_count,
        (ordered_count / interval_count)::decimal(18, 6) as order_rate,
        coalesce(net_revenue, 0)::decimal(18, 2) as revenue
    from counted
    left join ordered using (lifecycle, stage, care_action, was_treated)
)

select
    care_actions.lifecycle,
    care_actions.stage,
    care_actions.care_action as action,
    condition,
    priority::integer as priority,
    coalesce(recommended.customer_count, 0)::integer as recommended_customer_count,
    coalesce(treated.interval_count, 0)::integer as treated_interval_count,
    coalesce(treated.customer_count, 0)::integer as treated_customer_count,
    coalesce(treated.ordered_count, 0)::integer as treated_ordered_interval_count,
    treated.order_rate as treated_order_rate,
    coalesce(treated.revenue, 0)::decimal(18, 2) as treated_net_revenue,
    coalesce(untreated.interval_count, 0)::integer as untreated_interval_count,
    coalesce(untreated.customer_count, 0)::integer as untreated_customer_count,
    coalesce(untreated.ordered_count, 0)::integer as untreated_ordered_interval_count,
    untreated.order_rate as untreated_order_rate,
    coalesce(untreated.revenue, 0)::decimal(18, 2) as untreated_net_revenue,
    (treated.order_rate - untreated.order_rate)::decimal(18, 6) as order_rate_difference,
    getvariable('currency') as currency_code
from care_actions
left join recommended using (lifecycle, stage, care_action)
left join (from rated where was_treated) as treated using (lifecycle, stage, care_action)
left join (from rated where not was_treated) as untreated using (lifecycle, stage, care_action);
