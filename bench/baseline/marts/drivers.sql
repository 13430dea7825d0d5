-- What precedes losses and second orders. The sources deliver no tickets.
create temp table driver_conditions as
select *
from read_csv(getvariable('seeds') || '/driver_conditions.csv', header = true);

create temp table condition_events as
select
    customer_id,
    if(rating <= getvariable('negative_rating'), 'negative_opinion', 'positive_opinion')
        as condition,
    reviewed_at as occurred_at
from core.fct_reviews
where
    customer_id is not null
    and (
        rating <= getvariable('negative_rating')
        or (rating >= getvariable('positive_rating') and is_public)
    )
union all
select
    customer_id,
    case
        when activity = 'refund_issued' then 'refund'
        when activity in ('thank_you', 'follow_up') then activity
        when activity in ('email_opened', 'email_clicked') then 'message_read'
        when activity in ('offer_sent', 'win_back_offer') then 'offer'
        else 'question'
    end,
    occurred_at
from core.fct_customer_activities
where
    activity in (
        'refund_issued', 'thank_you', 'follow_up', 'email_opened', 'email_clicked', 'offer_sent',
        'win_back_offer', 'inquiry', 'chat', 'call', 'meeting', 'demo', 'trial',
        'knowledge_base_view'
    )
union all
select customer_id, 'late_delivery', delivered_at
from orders
where delivered_at > promised_at;

create temp table orders_judged as
with times as (
    select
        order_id,
        customer_id,
        order_number,
        ordered_at,
        next_ordered_at,
        lapse_ends_at,
        is_discounted,
        product_count,
        ordered_at + to_days(greatest(least(
            getvariable('driver_landmark_days'),
            floor(least(getvariable('lapse_floor_days'), getvariable('lapse_default_days')) / 2)
        ), 1)::integer) as landmark_at,
        count(*) filter (is_discounted) over up_to_now as discounted_count,
        lag(ordered_at, 1) over by_number as ordered_before,
        lag(ordered_at, 2) over by_number as ordered_before_that,
        lag(ordered_at, 3) over by_number as ordered_third_before
    from counted_orders
    window
        by_number as (partition by customer_id order by order_number),
        up_to_now as (
            partition by customer_id order by order_number
            rows between unbounded preceding and current row
        )
),

judged as (
    select
        *,
        ordered_at - to_days(getvariable('churn_evidence_days')) as evidence_from,
        coalesce(next_ordered_at > lapse_ends_at, true) as is_lost,
        coalesce(next_ordered_at > landmark_at, true) as is_waiting
    from times
    where lapse_ends_at < getvariable('as_of')
),

happened as (
    select
        judged.order_id,
        array_agg(distinct condition) as conditions
    from judged
    inner join condition_events
        on
            judged.customer_id = condition_events.customer_id
            and occurred_at >= evidence_from
            and occurred_at < landmark_at
    where order_number = 1 or condition in ('negative_opinion', 'refund', 'late_delivery')
    group by judged.order_id
)

select
    judged.customer_id,
    least(order_number, getvariable('driver_order_number_cap')) as order_number_band,
    1 + coalesce(ordered_before >= evidence_from, false)::integer
    + coalesce(ordered_before_that >= evidence_from, false)::integer
    + coalesce(ordered_third_before >= evidence_from, false)::integer as recent_order_count,
    date_trunc('quarter', ordered_at) as quarter,
    is_lost,
    is_waiting,
    list_concat(
        coalesce(conditions, []),
        if(is_discounted, ['discounted_order'], []),
        if(product_count > 1, ['several_products'], []),
        if(
            (
                order_number >= getvariable('churn_discount_minimum_orders')
                and discounted_count >= getvariable('churn_discount_share') * order_number
            )
            or (
                order_number - 1 >= getvariable('churn_discount_minimum_orders')
                and not is_discounted
                and discounted_count >= getvariable('churn_discount_share') * (order_number - 1)
            ),
            ['price'], []
        )
    ) as conditions
from judged
left join happened on judged.order_id = happened.order_id;

create temp table condition_outcomes as
select
    outcome,
    condition,
    is_known_at_order,
    label_en,
    label_cs
from driver_conditions
cross join (values ('lost'), ('second_order')) as outcomes(outcome)
where
    condition in ('negative_opinion', 'refund', 'late_delivery')
    or (outcome = 'lost') = (condition in ('unresolved_ticket', 'price'));

create temp table compared_orders as
select
    outcome,
    condition,
    customer_id,
    order_number_band,
    recent_order_count,
    quarter,
    is_lost = (outcome = 'lost') as is_case,
    list_contains(conditions, condition) as has_it
from orders_judged
cross join condition_outcomes
where
    (outcome = 'lost' or order_number_band = 1)
    and (is_waiting or is_known_at_order);

create temp table strata as
select
    outcome,
    condition,
    order_number_band,
    recent_order_count,
    quarter,
    count(*)::double as order_count,
    count(*) filter (is_case) as case_count,
    count(*) filter (is_case and has_it) as case_with_count,
    count(*) filter (not is_case) as other_count,
    count(*) filter (not is_case and has_it) as other_with_count
from compared_orders
group by all;

create temp table lifts as
select
    outcome,
    condition,
    sum(case_count) as case_count,
    sum(case_with_count) as case_with_count,
    sum(other_count) as other_count,
    sum(other_with_count) as other_with_count,
    sum(case_count * other_count / order_count) as weight,
    sum(case_with_count * other_count / order_count) as case_weight,
    sum(other_with_count * case_count / order_count) as other_weight,
    sum((case_with_count + other_with_count) * case_count / order_count) as expected_count,
    case_weight / greatest(other_weight, 0.5 * weight / sum(other_count)) as lift
from strata
where case_count > 0 and other_count > 0
group by outcome, condition;

create temp table drivers_tested as
with contributions as (
    select
        compared_orders.outcome,
        compared_orders.condition,
        customer_id,
        max((is_case and has_it)::integer) as has_case,
        sum(
            sqrt(order_count / (order_count - 1)) * if(
                is_case,
                strata.other_count / order_count * (has_it::integer - least(lift * (
                    strata.case_with_count + strata.other_with_count
                ) / (strata.other_count + lift * strata.case_count), 1)),
                -lift * strata.case_count / order_count * (has_it::integer - least((
                    strata.case_with_count + strata.other_with_count
                ) / (strata.other_count + lift * strata.case_count), 1))
            )
        ) as contribution
    from compared_orders
    inner join strata using (outcome, condition, order_number_band, recent_order_count, quarter)
    inner join lifts
        on
            compared_orders.outcome = lifts.outcome
            and compared_orders.condition = lifts.condition
    where strata.case_count > 0 and strata.other_count > 0
    group by all
),

variances as (
    select
        outcome,
        condition,
        sum(contribution * contribution) as variance,
        sum(has_case) as case_customer_count
    from contributions
    group by outcome, condition
),

everyone as (
    select
        outcome,
        condition,
        sum(case_count) as all_case_count
    from strata
    group by outcome, condition
),

widened as (
    select
        condition_outcomes.*,
        lifts.* exclude (outcome, condition),
        all_case_count,
        case_customer_count,
        greatest(case_customer_count, expected_count) >= getvariable('driver_minimum_customers')
            as is_tested,
        if(
            case_with_count > 0, sqrt(lift * variance) / case_weight, sqrt(1 / expected_count)
        ) as spread
    from condition_outcomes
    left join lifts using (outcome, condition)
    left join everyone using (outcome, condition)
    left join variances using (outcome, condition)
),

-- The deviation that each end leaves out, by Acklam's approximation.
rooted as (
    select
        *,
        sqrt(-2 * ln(getvariable('driver_false_discovery_share')::double / greatest(
            count(*) filter (is_tested) over (partition by outcome), 2
        ))) as root
    from widened
),

bounded as (
    select
        *,
        -(((((-0.007784894002430293 * root - 0.3223964580411365) * root - 2.400758277161838)
        * root - 2.549732539343734) * root + 4.374664141464968) * root + 2.938163982698783)
        / ((((0.007784695709041462 * root + 0.3224671290700398) * root + 2.445134137142996)
        * root + 3.754408661907416) * root + 1) as deviation
    from rooted
)

select
    *,
    if(is_tested, lift, null)::decimal(18, 6) as tested_lift,
    if(is_tested, greatest(sqrt(lift) - deviation * spread / 2, 0) ** 2, null)::decimal(18, 6)
        as lift_low,
    if(is_tested, (sqrt(lift) + deviation * spread / 2) ** 2, null)::decimal(18, 6) as lift_high,
    coalesce(lift_low > 1, false) as is_driver,
    case
        when coalesce(case_count, 0) = 0 then 'no_comparison'
        when case_with_count + other_with_count = 0 then 'never_observed'
        when not is_tested then 'too_few'
        when lift_high < 1 then 'less_frequent'
        when lift_low <= 1 then 'no_difference'
    end as reason_code
from bounded;

create table care.rpt_churn_drivers as
select
    condition,
    label_en,
    label_cs,
    is_known_at_order,
    coalesce(case_with_count, 0)::integer as lost_with_condition_count,
    coalesce(case_count, 0)::integer as lost_count,
    (all_case_count - coalesce(case_count, 0))::integer as lost_without_comparison_count,
    coalesce(case_customer_count, 0)::integer as lost_customer_with_condition_count,
    coalesce(other_with_count, 0)::integer as other_with_condition_count,
    coalesce(other_count, 0)::integer as other_count,
    (case_weight / weight)::decimal(18, 6) as share_among_lost,
    (other_weight / weight)::decimal(18, 6) as share_among_others,
    tested_lift as lift,
    lift_low,
    lift_high,
    is_driver,
    reason_code
from drivers_tested
where outcome = 'lost';

create table care.rpt_second_order_drivers as
select
    condition,
    label_en,
    label_cs,
    is_known_at_order,
    coalesce(case_with_count, 0)::integer as returned_with_condition_count,
    coalesce(case_count, 0)::integer as returned_count,
    (all_case_count - coalesce(case_count, 0))::integer as returned_without_comparison_count,
    coalesce(other_with_count, 0)::integer as other_with_condition_count,
    coalesce(other_count, 0)::integer as other_count,
    (case_weight / weight)::decimal(18, 6) as share_among_returned,
    (other_weight / weight)::decimal(18, 6) as share_among_others,
    tested_lift as lift,
    lift_low,
    lift_high,
    is_driver,
    reason_code
from drivers_tested
where outcome = 'second_order';
