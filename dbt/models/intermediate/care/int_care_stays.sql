-- One row per occasion for a care action, if the stay still lasted when the time for the action was over (the
-- landmark) and could be watched for care_outcome_days from then on: was the action done by the landmark, and what
-- was ordered after it. Groups are settled at the landmark and orders counted from there, so nobody counts as
-- untreated for having ordered too soon to be treated.
{{ config(**heals_by('customer_id', 'int_touched_customers', only_touched_change=false)) }}
with occasions as (
    select
        occasions.customer_id,
        occasions.lifecycle,
        occasions.stage,
        occasions.care_action,
        occasions.called_for_at,
        occasions.ends_at,
        thresholds.care_outcome_days,
        {{ days_after('occasions.called_for_at', 'occasions.due_after_days + thresholds.care_grace_days') }}
            as landmark_at
    from {{ ref('int_care_occasions') }} as occasions
    cross join {{ ref('int_thresholds') }} as thresholds
),

watched as (
    select
        occasions.*,
        {{ days_after('landmark_at', 'care_outcome_days') }} as outcome_ends_at
    from occasions
    where
        {{ days_after('landmark_at', 'care_outcome_days') }} <= {{ as_of() }}
        and ends_at > landmark_at
        {{ only_touched_or(
            'occasions.customer_id', 'int_touched_customers',
            days_after('landmark_at', 'care_outcome_days') ~ ' > ' ~ last_as_of()
        ) }}
),

-- What shows that an action was done.
given as (
    select
        interactions.customer_id,
        responses.care_action,
        interactions.occurred_at
    from {{ ref('int_interactions_resolved') }} as interactions
    inner join {{ ref('care_responses') }} as responses
        on interactions.kind = responses.activity
    where interactions.is_outbound or responses.counts_inbound
),

treated as (
    select distinct watched.customer_id, watched.lifecycle, watched.care_action, watched.called_for_at
    from watched
    inner join given
        on watched.customer_id = given.customer_id
        and watched.care_action = given.care_action
        and watched.called_for_at <= given.occurred_at
        and watched.landmark_at >= given.occurred_at
),

outcomes as (
    select
        watched.customer_id,
        watched.lifecycle,
        watched.care_action,
        watched.called_for_at,
        count(*) as order_count,
        sum(orders.net_amount) as net_revenue
    from watched
    inner join {{ ref('int_orders_numbered') }} as orders
        on watched.customer_id = orders.customer_id
        and watched.landmark_at < orders.ordered_at
        and watched.outcome_ends_at >= orders.ordered_at
    group by watched.customer_id, watched.lifecycle, watched.care_action, watched.called_for_at
)

select
    watched.customer_id,
    watched.lifecycle,
    watched.stage,
    watched.care_action,
    treated.customer_id is not null as was_treated,
    cast(coalesce(outcomes.order_count, 0) as integer) as order_count,
    {{ money('coalesce(outcomes.net_revenue, 0)') }} as net_revenue,
    watched.called_for_at,
    watched.landmark_at
from watched
left join treated
    on watched.customer_id = treated.customer_id
    and watched.lifecycle = treated.lifecycle
    and watched.care_action = treated.care_action
    and watched.called_for_at = treated.called_for_at
left join outcomes
    on watched.customer_id = outcomes.customer_id
    and watched.lifecycle = outcomes.lifecycle
    and watched.care_action = outcomes.care_action
    and watched.called_for_at = outcomes.called_for_at
