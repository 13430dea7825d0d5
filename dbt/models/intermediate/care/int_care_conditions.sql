-- One row per customer and period in which a condition for care held: from the first record that
-- raised it to the next record that settled it. At the same instant, settling comes after raising.
-- Empty periods are left out.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}

-- A Jinja block, not a CTE: two CTEs read it, and DuckDB would hold a CTE with two readers in
-- memory. -- noqa: disable=LT02
{%- set concerned -%}
    from {{ ref('int_customer_activities') }} as activities
    inner join {{ ref('care_conditions') }} as conditions
        on activities.activity = conditions.activity
    where
        (not conditions.only_negative or coalesce(activities.is_negative_opinion, false))
        {{ only_affected('activities.customer_id', 'int_affected_customers') }}
{%- endset %}
with signals as (
    select
        activities.customer_id,
        conditions.condition,
        activities.activity,
        activities.activity_key,
        activities.occurred_at,
        case when conditions.effect = 'settles' then 1 else 0 end as is_settling
    {{ concerned }}
),

-- Only customers with a raised condition have something to settle; most orders settle nothing.
raised as (
    select distinct
        activities.customer_id,
        conditions.condition
    {{ concerned }}
        and conditions.effect <> 'settles'
),

ordered as (
    select
        signals.*,
        lag(signals.is_settling, 1, 1) over (
            partition by signals.customer_id, signals.condition
            order by signals.occurred_at, signals.is_settling, signals.activity_key
        ) as previous_is_settling
    from signals
    inner join raised
        on signals.customer_id = raised.customer_id
        and signals.condition = raised.condition
),

turned as (
    select
        *,
        lead(occurred_at) over (
            partition by customer_id, condition order by occurred_at, is_settling, activity_key
        ) as next_occurred_at
    from ordered
    where is_settling <> previous_is_settling
)

select
    customer_id,
    condition,
    activity,
    activity_key,
    occurred_at as holds_from,
    next_occurred_at as holds_to
from turned
where
    is_settling = 0
    and (next_occurred_at is null or next_occurred_at > occurred_at)
