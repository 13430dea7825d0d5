-- Every stage that a mart names, or that dbt/lifecycles.yml can give, is in dim_lifecycle_stages,
-- and every stage there can be given.
{{ config(
    meta={'dagster': {'ref': {'name': 'fct_customer_stage_intervals'}}, 'shows': ['violation', 'lifecycle', 'stage']},
) }}
{% set configured = [] %}
{% for lifecycle in lifecycles() %}
{% for stage in lifecycle.stages %}
{% do configured.append(
    "select '" ~ lifecycle.code ~ "' as lifecycle, '" ~ stage.code ~ "' as stage,"
    ~ " 'configured' as used_by"
) %}
{% endfor %}
{% endfor %}
with used as (
    {{ configured | join('\n    union all\n    ') }}
    union all
    select lifecycle, stage, 'fct_customer_stage_intervals' as used_by
    from {{ ref('fct_customer_stage_intervals') }}
    union all
    select lifecycle, previous_stage, 'fct_customer_stage_intervals' as used_by
    from {{ ref('fct_customer_stage_intervals') }}
    where previous_stage is not null
    union all
    select lifecycle, stage, 'fct_lifecycle_stages_daily' as used_by
    from {{ ref('fct_lifecycle_stages_daily') }}
    union all
    select lifecycle, from_stage, 'rpt_stage_transition_matrix' as used_by
    from {{ ref('rpt_stage_transition_matrix') }}
    union all
    select lifecycle, to_stage, 'rpt_stage_transition_matrix' as used_by
    from {{ ref('rpt_stage_transition_matrix') }}
    union all
    select lifecycle, to_stage, 'fct_customer_stage_transitions' as used_by
    from {{ ref('fct_customer_stage_transitions') }}
    union all
    select lifecycle, stage, 'fct_care_actions' as used_by
    from {{ ref('fct_care_actions') }}
    union all
    select 'relationship' as lifecycle, relationship_stage, 'dim_customers' as used_by
    from {{ ref('dim_customers') }}
    union all
    select 'journey' as lifecycle, journey_stage, 'dim_customers' as used_by
    from {{ ref('dim_customers') }}
),

distinct_used as (
    select distinct lifecycle, stage, used_by from used
),

stages as (
    select lifecycle, stage from {{ ref('dim_lifecycle_stages') }}
)

select
    distinct_used.used_by as violation,
    distinct_used.lifecycle,
    distinct_used.stage
from distinct_used
left join stages
    on distinct_used.lifecycle = stages.lifecycle
    and distinct_used.stage = stages.stage
where stages.stage is null
union all
select
    'not configured' as violation,
    stages.lifecycle,
    stages.stage
from stages
left join distinct_used
    on stages.lifecycle = distinct_used.lifecycle
    and stages.stage = distinct_used.stage
    and distinct_used.used_by = 'configured'
where distinct_used.stage is null
