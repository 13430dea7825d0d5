-- Grain: customer, lifecycle, uninterrupted stay in a stage. Per customer and lifecycle the intervals
-- [valid_from, valid_to) follow one another without gap or overlap.
{% set used_lifecycles = lifecycles() %}
with states as (
    select * from {{ ref('int_customer_states') }}
    cross join {{ ref('int_thresholds') }}
),
{% for lifecycle in used_lifecycles %}
{{ lifecycle.code }}_stages as (
    select
        customer_id,
        '{{ lifecycle.code }}' as lifecycle,
        changed_at,
        evidence,
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
        previous_stage,
        {{ entered_by(lifecycle) }} as entered_by
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
    from entries
)

select
    customer_id,
    lifecycle,
    stage,
    previous_stage,
    next_stage,
    entered_by,
    entry_number,
    cast(floor(
        {{ seconds_between('valid_from', 'coalesce(valid_to, ' ~ as_of() ~ ')') }} / 86400
    ) as integer) as duration_days,
    valid_to is null as is_current,
    valid_from,
    valid_to
from intervals
