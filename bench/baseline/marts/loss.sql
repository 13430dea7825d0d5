-- Why customers were lost, and what brought them back.
create temp table lost_intervals as
with lapsed as (
    select
        customer_id,
        order_id as last_order_id,
        order_number as order_count_at_loss,
        ordered_at as last_order_at,
        lapse_ends_at as lost_at,
        next_ordered_at as returned_at,
        row_number() over (partition by customer_id order by lapse_ends_at)::integer
            as entry_number,
        floor(
            (epoch(getvariable('as_of')) - epoch(lapse_ends_at))
            / (86400 * getvariable('return_band_days'))
        )::integer as band
    from counted_orders
    where
        lapse_ends_at < getvariable('as_of')
        and (next_ordered_at is null or next_ordered_at > lapse_ends_at)
),

bought as (
    select customer_id, order_number, ordered_at, net_amount, is_discounted from counted_orders
)

select
    lapsed.*,
    (
        sum(net_amount) filter (
            ordered_at > last_order_at - to_days(getvariable('value_at_stake_days'))
        )
    )::decimal(18, 2) as value_at_stake,
    count(*) filter (is_discounted) as discounted_count,
    bool_or(is_discounted and order_number = order_count_at_loss) as was_last_discounted
from lapsed
inner join bought
    on lapsed.customer_id = bought.customer_id and order_number <= order_count_at_loss
group by all;

create table care.fct_churn_reasons as
with events as (
    select
        customer_id,
        'negative_opinion' as reason,
        'review_written' as activity,
        review_id as subject_id,
        reviewed_at as evidence_at
    from core.fct_reviews
    where rating <= getvariable('negative_rating')
    union all
    select customer_id, 'refund', activity, subject_id, occurred_at
    from core.fct_customer_activities
    where activity = 'refund_issued'
    union all
    select customer_id, 'late_delivery', 'order_delivered', order_id, delivered_at
    from orders
    where delivered_at > promised_at
),

found as (
    select
        lost_intervals.customer_id,
        entry_number,
        reason,
        activity,
        max_by(subject_id, evidence_at) as subject_id,
        count(*) as evidence_count,
        max(evidence_at) as evidence_at
    from events
    inner join lost_intervals
        on
            events.customer_id = lost_intervals.customer_id
            and evidence_at >= last_order_at - to_days(getvariable('churn_evidence_days'))
            and evidence_at < lost_at
    group by lost_intervals.customer_id, entry_number, reason, activity
    union all
    -- Bought at discounts up to the end, or until the last order, which had none.
    select
        lost_intervals.customer_id, entry_number, 'price', 'order_placed',
        max_by(order_id, order_number), max(discounted_count), max(ordered_at)
    from lost_intervals
    inner join counted_orders
        on
            lost_intervals.customer_id = counted_orders.customer_id
            and order_number <= order_count_at_loss
    where
        is_discounted
        and (
            (
                order_count_at_loss >= getvariable('churn_discount_minimum_orders')
                and discounted_count
                >= getvariable('churn_discount_share') * order_count_at_loss
            )
            or (
                order_count_at_loss - 1 >= getvariable('churn_discount_minimum_orders')
                and not was_last_discounted
                and discounted_count
                >= getvariable('churn_discount_share') * (order_count_at_loss - 1)
            )
        )
    group by lost_intervals.customer_id, entry_number
),

explained as (
    from found
    union all
    select customer_id, entry_number, 'silence', 'order_placed', last_order_id, 1, last_order_at
    from lost_intervals
    anti join found using (customer_id, entry_number)
),

ranked as (
    select
        explained.*,
        strength_rank,
        is_stated,
        drivers_tested.condition,
        case_weight / weight as share_among_lost,
        other_weight / weight as share_among_others,
        tested_lift as lift,
        lift_low,
        lift_high,
        coalesce(is_driver, true) as is_given,
        bool_or(is_given) over (partition by customer_id, entry_number) as has_given,
        row_number() over (
            partition by customer_id, entry_number order by is_given desc, strength_rank
        ) as reason_rank
    from explained
    inner join read_csv(getvariable('seeds') || '/churn_reasons.csv', header = true) as reasons
        using (reason)
    left join drivers_tested
        on reason = drivers_tested.condition and drivers_tested.outcome = 'lost'
)

select
    customer_id,
    entry_number,
    if(is_given, reason, 'unknown') as reason,
    reason_rank::integer as reason_rank,
    is_stated,
    condition,
    share_among_lost::decimal(18, 6) as share_among_lost,
    share_among_others::decimal(18, 6) as share_among_others,
    lift,
    lift_low,
    lift_high,
    activity as evidence_activity,
    getvariable('system') as evidence_source_system,
    subject_id as evidence_subject_id,
    evidence_count::integer as evidence_count,
    value_at_stake,
    getvariable('currency') as currency_code,
    returned_at is null as is_current,
    evidence_at,
    lost_at,
    returned_at
from ranked
inner join lost_intervals using (customer_id, entry_number)
where is_given or (not has_given and reason_rank = 1);

create table care.rpt_lost_returns as
with ends as (
    select
        unnest(['all', if(
            order_count_at_loss < getvariable('lapse_minimum_orders'), 'default', 'own'
        )]) as lapse_window,
        floor(
            (epoch(coalesce(returned_at, getvariable('as_of'))) - epoch(lost_at)) / 86400
        )::integer as day_number,
        returned_at is not null as has_returned
    from lost_intervals
),

days as (
    select
        lapse_window,
        day_number,
        count(*) as left_count,
        count(*) filter (has_returned) as returned_count,
        sum(left_count) over (partition by lapse_window order by day_number desc) as at_risk_count
    from ends
    group by lapse_window, day_number
),

curves as (
    select
        *,
        sum(ln(greatest(1 - returned_count / at_risk_count, 1e-12))) over by_day as log_away,
        sum(
            returned_count / (at_risk_count * greatest(at_risk_count - returned_count, 0.5))
        ) over by_day as greenwood_sum
    from days
    window by_day as (partition by lapse_window order by day_number)
),

months as (
    select
        lapse_window,
        month,
        coalesce(sum(left_count) filter (day_number >= 30 * (month - 1)), 0) as at_risk_count,
        coalesce(sum(returned_count) filter (day_number < 30 * month), 0) as returned_count,
        coalesce(min(log_away) filter (day_number < 30 * month), 0) as log_away,
        coalesce(max(greenwood_sum) filter (day_number < 30 * month), 0) as greenwood_sum
    from curves
    cross join range(1, (
        select date_diff('day', min(date_day), max(date_day)) // 30 + 2 from core.dim_dates
    )) as numbers(month)
    group by lapse_window, month
    having at_risk_count > 0
),

-- 1.9599… deviations hold 95 %.
widened as (
    select
        *,
        at_risk_count >= getvariable('return_minimum_intervals') as is_known,
        1.9599639878147084 * sqrt(greenwood_sum) / nullif(-log_away, 0) as spread
    from months
)

select
    lapse_window,
    month::integer as months_since_loss,
    at_risk_count::integer as at_risk_interval_count,
    returned_count::integer as returned_interval_count,
    if(is_known, 1 - exp(log_away), null)::decimal(18, 6) as return_share,
    if(is_known, coalesce(1 - exp(log_away * exp(-spread)), 0), null)::decimal(18, 6)
        as return_share_low,
    if(
        is_known,
        coalesce(
            1 - exp(log_away * exp(spread)),
            1 - ((1 - getvariable('interval_level')) / 2) ** (1 / at_risk_count)
        ),
        null
    )::decimal(18, 6) as return_share_high,
    if(is_known, null, 'too_few') as reason_code
from widened;

create temp table return_rates as
select
    order_count_at_loss > 1 as is_repeat_buyer,
    bands.band,
    count(*) as comparable_interval_count,
    case
        when count(*) >= getvariable('return_minimum_intervals')
            then avg(coalesce(returned_at <= lost_at + to_days(
                bands.band * getvariable('return_band_days') + getvariable('return_horizon_days')
            ), false)::integer)
    end::decimal(18, 6) as return_rate
from lost_intervals
inner join (select distinct band from lost_intervals) as bands on lost_intervals.band >= bands.band
where
    lost_at + to_days(
        bands.band * getvariable('return_band_days') + getvariable('return_horizon_days')
    ) < getvariable('as_of')
    and (
        returned_at is null
        or returned_at > lost_at + to_days(bands.band * getvariable('return_band_days'))
    )
group by is_repeat_buyer, bands.band;

create table care.fct_win_backs as
with attempts as (
    select
        subject_id as interaction_id,
        offers.customer_id,
        entry_number,
        activity as kind,
        channel,
        campaign,
        occurred_at as attempted_at,
        lost_at,
        occurred_at + to_days(getvariable('win_back_days')) as window_ends_at
    from (from core.fct_customer_activities where activity = 'offer_sent') as offers
    inner join lost_intervals
        on
            offers.customer_id = lost_intervals.customer_id
            and occurred_at >= lost_at
            and occurred_at < coalesce(returned_at, getvariable('as_of'))
),

bought as (
    select
        interaction_id,
        count(*) as order_count,
        sum(net_amount) as net_revenue,
        min_by(order_id, order_number) as return_order_id,
        min(ordered_at) as returned_at
    from attempts
    inner join counted_orders
        on
            attempts.customer_id = counted_orders.customer_id
            and ordered_at > attempted_at
            and ordered_at <= window_ends_at
    group by interaction_id
),

taken as (
    select distinct interaction_id
    from attempts
    inner join (from core.fct_customer_activities where activity = 'offer_taken') as answers
        on
            attempts.customer_id = answers.customer_id
            and occurred_at >= attempted_at
            and occurred_at <= window_ends_at
)

select
    attempts.interaction_id,
    getvariable('system') as source_system,
    customer_id,
    entry_number,
    (row_number() over by_time)::integer as attempt_number,
    kind,
    channel,
    campaign,
    case
        when returned_at is not null then 'returned'
        when window_ends_at >= getvariable('as_of') then 'pending'
        else 'no_return'
    end as outcome,
    taken.interaction_id is not null as was_offer_taken,
    lead(1) over by_time is null as is_last_attempt,
    floor((epoch(attempted_at) - epoch(lost_at)) / 86400)::integer as days_lost_at_attempt,
    floor((epoch(returned_at) - epoch(attempted_at)) / 86400)::integer as days_to_return,
    case when returned_at is not null then getvariable('system') end
        as return_order_source_system,
    return_order_id,
    coalesce(order_count, 0)::integer as order_count_in_window,
    coalesce(net_revenue, 0)::decimal(18, 2) as net_revenue_in_window,
    getvariable('currency') as currency_code,
    attempted_at,
    lost_at,
    window_ends_at,
    returned_at
from attempts
left join bought using (interaction_id)
left join taken using (interaction_id)
window by_time as (
    partition by customer_id, entry_number order by attempted_at, attempts.interaction_id
);
