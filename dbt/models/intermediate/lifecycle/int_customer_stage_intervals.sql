-- One row per customer, lifecycle and uninterrupted stay in a stage: the predicates of dbt_project.yml, read at
-- every change point. How long a stay lasted depends on today, and is told by the mart.
{{ config(
    materialized=healing_table(), incremental_strategy='append',
    pre_hook="{{ forget_touched('customer_id', 'int_touched_customers') }}"
) }}
{% set used_lifecycles = lifecycles() %}
with states as (
    select *
    from {{ ref('int_customer_states') }}
    cross join {{ ref('int_thresholds') }}
    where true {{ only_touched('customer_id', 'int_touched_customers') }}
),
{% for lifecycle in used_lifecycles %}
{{ lifecycle.code }}_stages as (
    select
        customer_id,
        '{{ lifecycle.code }}' as lifecycle,
        changed_at,
        {{ stage_of(lifecycle) }} as stage
    from states
),

{{ lifecycle.code }}_changes as (
    select
        {{ lifecycle.code }}_stages.*,
        lag(stage) over (partition by customer_id order by changed_at) as previous_stage
    from {{ lifecycle.code }}_stages
),

{{ lifecycle.code }}_entries as (
    select
        customer_id,
        lifecycle,
        stage,
        changed_at,
        previous_stage
    from {{ lifecycle.code }}_changes
    where
        previous_stage is null
        or previous_stage <> stage
),
{% endfor %}
entries as (
    {%- for lifecycle in used_lifecycles %}
    select * from {{ lifecycle.code }}_entries
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- What happened at the instant of an entry, the stage's own evidence first.
evidence as (
    select
        entries.customer_id,
        entries.lifecycle,
        entries.changed_at,
        changes.activity,
        row_number() over (
            partition by entries.customer_id, entries.lifecycle, entries.changed_at
            order by {{ evidence_preference(used_lifecycles) }}, activities.activity_rank
        ) as preference
    from entries
    inner join {{ ref('int_state_changes') }} as changes
        on entries.customer_id = changes.customer_id
        and entries.changed_at = changes.changed_at
    inner join {{ ref('activities') }} as activities
        on changes.activity = activities.activity
),

entries_explained as (
    select
        entries.*,
        evidence.activity as entered_by
    from entries
    left join evidence
        on entries.customer_id = evidence.customer_id
        and entries.lifecycle = evidence.lifecycle
        and entries.changed_at = evidence.changed_at
        and evidence.preference = 1
),

intervals as (
    select
        customer_id,
        lifecycle,
        stage,
        previous_stage,
        lead(stage) over (partition by customer_id, lifecycle order by changed_at) as next_stage,
        entered_by,
        cast(row_number() over (
            partition by customer_id, lifecycle, stage order by changed_at
        ) as integer) as entry_number,
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
    entry_number,
    valid_from,
    valid_to
from intervals
