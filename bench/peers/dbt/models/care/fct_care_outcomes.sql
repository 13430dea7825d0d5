with watched as (
    select
        customer_id, lifecycle, stage, care_action, coalesce(done_at <= landmark_at, false) as was_treated, landmark_at
    from (select *, called_for_at + to_days(due_after_days::integer + 14) as landmark_at from {{ ref('int_occasions') }} as occasions)
    where landmark_at + interval 90 day <= timestamp '{{ var("as_of") }}' and (valid_to is null or valid_to > landmark_at)
),
stays as (
    select
        lifecycle, stage, care_action, was_treated, count(*) as stay_count, count(distinct customer_id) as customer_count
    from watched
    group by lifecycle, stage, care_action, was_treated
),
-- The first order after the landmark tells that the stay had one.
ordered as (
    select
        lifecycle, stage, care_action, was_treated, sum(net_amount) as net_revenue,
        count(*) filter (previous_ordered_at is null or previous_ordered_at <= landmark_at) as ordered_stay_count
    from watched
    inner join {{ ref('int_numbered') }} as numbered
        on watched.customer_id = numbered.customer_id and ordered_at > landmark_at
        and ordered_at <= landmark_at + interval 90 day
    group by lifecycle, stage, care_action, was_treated
),
recommended as (
    select lifecycle, stage, action as care_action, count(*) as customer_count
    from {{ ref('fct_care_actions') }} as fct_care_actions
    group by lifecycle, stage, action
),
rated as (
    select
        *, coalesce(ordered_stay_count, 0)::integer as ordered_count,
        (ordered_count / stay_count)::decimal(18, 6) as order_rate, coalesce(net_revenue, 0)::decimal(18, 2) as revenue
    from stays
    left join ordered using (lifecycle, stage, care_action, was_treated)
)
select
    care_actions.lifecycle, care_actions.stage, care_actions.care_action as action, condition,
    priority::integer as priority, coalesce(recommended.customer_count, 0)::integer as recommended_customer_count,
    coalesce(treated.stay_count, 0)::integer as treated_stay_count,
    coalesce(treated.customer_count, 0)::integer as treated_customer_count,
    coalesce(treated.ordered_count, 0)::integer as treated_ordered_stay_count, treated.order_rate as treated_order_rate,
    coalesce(treated.revenue, 0)::decimal(18, 2) as treated_net_revenue,
    coalesce(untreated.stay_count, 0)::integer as untreated_stay_count,
    coalesce(untreated.customer_count, 0)::integer as untreated_customer_count,
    coalesce(untreated.ordered_count, 0)::integer as untreated_ordered_stay_count,
    untreated.order_rate as untreated_order_rate, coalesce(untreated.revenue, 0)::decimal(18, 2) as untreated_net_revenue,
    (treated.order_rate - untreated.order_rate)::decimal(18, 6) as order_rate_difference, 'EUR' as currency_code
from {{ ref('int_care_actions') }} as care_actions
left join recommended using (lifecycle, stage, care_action)
left join (from rated where was_treated) as treated using (lifecycle, stage, care_action)
left join (from rated where not was_treated) as untreated using (lifecycle, stage, care_action)
