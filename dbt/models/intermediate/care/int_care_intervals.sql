-- One row per occasion for a care action, if the stage interval still lasted at the landmark (the
-- moment when the time for the action was over) and was observed for care_outcome_days after it.
-- Shows whether the action was done by the landmark, and the orders after it. The group is fixed at
-- the landmark and orders count only from there: otherwise a customer who ordered too early to be
-- treated would count as untreated.
{{ config(**incremental_by('customer_id', 'int_affected_customers', only_affected_change=false)) }}
{% set outcome_ends_at = days_after('landmark_at', 'care_outcome_days') %}
{% set key = 'customer_id, lifecycle, stage, care_action, called_for_at, landmark_at' %}

-- A Jinja block, not a CTE: three CTEs read it, and DuckDB would hold a CTE with several readers in
-- memory.
{%- set observed -%}
(
    select
        timed.*,
        {{ outcome_ends_at }} as outcome_ends_at
    from (
        select
            occasions.customer_id,
            occasions.lifecycle,
            occasions.stage,
            occasions.care_action,
            occasions.called_for_at,
            occasions.ends_at,
            thresholds.care_outcome_days,
            {{ days_after(
                'occasions.called_for_at', 'occasions.due_after_days + thresholds.care_grace_days'
            ) }}
                as landmark_at
        from {{ ref('int_care_occasions') }} as occasions
        cross join {{ ref('int_thresholds') }} as thresholds
    ) as timed
    where
        {{ outcome_ends_at }} < {{ as_of() }}
        and coalesce(ends_at, {{ never() }}) > landmark_at
        {{ only_affected_or(
            'customer_id', 'int_affected_customers',
            outcome_ends_at ~ ' >= ' ~ last_as_of()
        ) }}
)
{%- endset %}

with treatments as (
    select
        observed.{{ key | replace(', ', ', observed.') }}
    from {{ observed }} as observed
    inner join {{ ref('care_responses') }} as responses
        on observed.care_action = responses.care_action
    inner join {{ ref('int_interactions_resolved') }} as interactions
        on observed.customer_id = interactions.customer_id
        and responses.activity = interactions.kind
        and observed.called_for_at <= interactions.occurred_at
        and observed.landmark_at >= interactions.occurred_at
    where interactions.is_outbound or responses.counts_inbound
),

orders as (
    select
        observed.{{ key | replace(', ', ', observed.') }},
        orders.net_amount
    from {{ observed }} as observed
    inner join {{ ref('int_orders_numbered') }} as orders
        on observed.customer_id = orders.customer_id
        and observed.landmark_at < orders.ordered_at
        and observed.outcome_ends_at >= orders.ordered_at
),

events as (
    select {{ key }}, 0 as was_treated, 0 as order_count, {{ money('0') }} as net_amount
    from {{ observed }} as observed
    union all
    select {{ key }}, 1 as was_treated, 0 as order_count, {{ money('0') }} as net_amount
    from treatments
    union all
    select {{ key }}, 0 as was_treated, 1 as order_count, net_amount
    from orders
)

select
    customer_id,
    lifecycle,
    stage,
    care_action,
    max(was_treated) = 1 as was_treated,
    cast(sum(order_count) as integer) as order_count,
    {{ money('sum(net_amount)') }} as net_revenue,
    called_for_at,
    landmark_at
from events
group by {{ key }}
