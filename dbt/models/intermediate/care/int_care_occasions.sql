-- One row per stay in a stage and care action that it calls for: from the entry, or, where the action has a
-- condition, from when the condition holds in the stay. A condition may hold several times in one stay. A table, not
-- a view: its readers join it by time, and a view's unknown size made them build the larger side in memory.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with stays as (
    select
        customer_id,
        lifecycle,
        stage,
        entered_by,
        is_current,
        valid_from,
        valid_to as ends_at
    from {{ ref('fct_customer_stage_intervals') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
),

actions as (
    select
        lifecycle,
        stage,
        care_action,
        priority,
        condition,
        due_after_days,
        reason
    from {{ ref('care_actions') }}
),

always as (
    select
        stays.customer_id,
        stays.lifecycle,
        stays.stage,
        actions.care_action,
        actions.priority,
        actions.condition,
        actions.reason,
        actions.due_after_days,
        stays.entered_by as evidence,
        cast(null as {{ type_key() }}) as evidence_activity_key,
        stays.is_current as is_open,
        stays.valid_from,
        stays.ends_at,
        stays.valid_from as called_for_at
    from stays
    inner join actions
        on stays.lifecycle = actions.lifecycle
        and stays.stage = actions.stage
    where actions.condition is null
),

on_condition as (
    select
        stays.customer_id,
        stays.lifecycle,
        stays.stage,
        actions.care_action,
        actions.priority,
        actions.condition,
        actions.reason,
        actions.due_after_days,
        conditions.activity as evidence,
        conditions.activity_key as evidence_activity_key,
        stays.is_current and conditions.holds_to is null as is_open,
        stays.valid_from,
        stays.ends_at,
        greatest(stays.valid_from, conditions.holds_from) as called_for_at
    from stays
    inner join actions
        on stays.lifecycle = actions.lifecycle
        and stays.stage = actions.stage
    inner join {{ ref('int_care_conditions') }} as conditions
        on stays.customer_id = conditions.customer_id
        and actions.condition = conditions.condition
        and coalesce(stays.ends_at, {{ never() }}) > conditions.holds_from
        and stays.valid_from < coalesce(conditions.holds_to, {{ never() }})
    where true {{ only_affected('conditions.customer_id', 'int_affected_customers') }}
)

select * from always
union all
select * from on_condition
