-- The predicate of each stage, such as `loyal`, is in dbt/lifecycles.yml.
-- One row per customer, lifecycle and stage interval: consecutive change points with the same
-- stage. The duration depends on as_of, so the mart computes it.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
{% set used_lifecycles = lifecycles() %}
with states as (
    select
        change_points.customer_id,
        change_points.changed_at
        {%- for lifecycle in used_lifecycles %},
        {{ stage_of(lifecycle) }} as {{ lifecycle.code }}_stage
        {%- endfor %}
    from {{ ref('int_customer_states') }} as change_points
    cross join {{ ref('int_thresholds') }}
    where true {{ only_affected('change_points.customer_id', 'int_affected_customers') }}
),

-- All lifecycles in one pass over the change points.
changes as (
    select
        *
        {%- for lifecycle in used_lifecycles %},
        lag({{ lifecycle.code }}_stage) over (
            partition by customer_id order by changed_at
        ) as previous_{{ lifecycle.code }}_stage
        {%- endfor %}
    from states
),

changed as (
    select *
    from changes
    where
        {%- for lifecycle in used_lifecycles %}
        {{ 'or ' if not loop.first }}previous_{{ lifecycle.code }}_stage is null
        or previous_{{ lifecycle.code }}_stage <> {{ lifecycle.code }}_stage
        {%- endfor %}
),

entries as (
    {%- for lifecycle in used_lifecycles %}
    select
        customer_id,
        '{{ lifecycle.code }}' as lifecycle,
        {{ lifecycle.code }}_stage as stage,
        changed_at,
        previous_{{ lifecycle.code }}_stage as previous_stage
    from changed
    where
        previous_{{ lifecycle.code }}_stage is null
        or previous_{{ lifecycle.code }}_stage <> {{ lifecycle.code }}_stage
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- The activities at the instant of an entry. The best explanation has the smallest number: first by
-- the order of the stage's evidence, then by the rank of the activity.
evidence as (
    select
        entries.customer_id,
        entries.lifecycle,
        entries.changed_at,
        min(1000 * {{ evidence_preference(used_lifecycles) }} + activities.activity_rank)
            as preference
    from entries
    inner join {{ ref('int_state_changes') }} as changes
        on entries.customer_id = changes.customer_id
        and entries.changed_at = changes.changed_at
    inner join {{ ref('activities') }} as activities
        on changes.activity = activities.activity
    where true {{ only_affected('changes.customer_id', 'int_affected_customers') }}
    group by entries.customer_id, entries.lifecycle, entries.changed_at
),

entries_explained as (
    select
        entries.*,
        activities.activity as entered_by
    from entries
    left join evidence
        on entries.customer_id = evidence.customer_id
        and entries.lifecycle = evidence.lifecycle
        and entries.changed_at = evidence.changed_at
    left join {{ ref('activities') }} as activities
        on mod(evidence.preference, 1000) = activities.activity_rank
),

intervals as (
    select
        customer_id,
        lifecycle,
        stage,
        previous_stage,
        lead(stage) over (partition by customer_id, lifecycle order by changed_at) as next_stage,
        entered_by,
        cast(row_number() over (partition by customer_id, lifecycle order by changed_at) as integer)
            as interval_number,
        cast(row_number() over (
            partition by customer_id, lifecycle, stage order by changed_at
        ) as integer) as entry_number,
        lag(changed_at) over (partition by customer_id, lifecycle order by changed_at)
            as previous_from,
        changed_at as valid_from,
        lead(changed_at) over (partition by customer_id, lifecycle order by changed_at) as valid_to
    from entries_explained
)

select
    customer_id,
    lifecycle,
    stage,
    previous_stage,
    next_stage,
    entered_by,
    interval_number,
    entry_number,
    previous_from,
    valid_from,
    valid_to
from intervals
