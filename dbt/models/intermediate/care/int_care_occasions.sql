-- One row per stage interval and care action that it calls for, from the entry. An action with a
-- condition has one row for each time the condition holds within the interval. A table, not a view:
-- readers join it by time, and with a view of unknown size DuckDB built the larger side of the join
-- in memory.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with intervals as (
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
        intervals.customer_id,
        intervals.lifecycle,
        intervals.stage,
        actions.care_action,
        actions.priority,
        actions.condition,
        actions.reason,
        actions.due_after_days,
        intervals.entered_by as evidence,
        cast(null as {{ type_key() }}) as evidence_activity_key,
        intervals.is_current as is_open,
        intervals.valid_from,
        intervals.ends_at,
        intervals.valid_from as called_for_at
    from intervals
    inner join actions
        on intervals.lifecycle = actions.lifecycle
        and intervals.stage = actions.stage
    where actions.condition is null
),

on_condition as (
    select
        intervals.customer_id,
        intervals.lifecycle,
        intervals.stage,
        actions.care_action,
        actions.priority,
        actions.condition,
        actions.reason,
        actions.due_after_days,
        conditions.activity as evidence,
        conditions.activity_key as evidence_activity_key,
        intervals.is_current and conditions.holds_to is null as is_open,
        intervals.valid_from,
        intervals.ends_at,
        greatest(intervals.valid_from, conditions.holds_from) as called_for_at
    from intervals
    inner join actions
        on intervals.lifecycle = actions.lifecycle
        and intervals.stage = actions.stage
    inner join {{ ref('int_care_conditions') }} as conditions
        on intervals.customer_id = conditions.customer_id
        and actions.condition = conditions.condition
        and coalesce(intervals.ends_at, {{ never() }}) > conditions.holds_from
        and intervals.valid_from < coalesce(conditions.holds_to, {{ never() }})
    where true {{ only_affected('conditions.customer_id', 'int_affected_customers') }}
)

select * from always
union all
select * from on_condition
