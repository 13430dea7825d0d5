-- Grain: customer, lifecycle, care action that the customer's stage calls for now.
with intervals as (
    select
        customer_id,
        lifecycle,
        stage,
        entered_by,
        valid_from
    from {{ ref('fct_customer_stage_intervals') }}
    where is_current
),

actions as (
    select lifecycle, stage, care_action, priority, due_after_days, reason
    from {{ ref('care_actions') }}
)

select
    intervals.customer_id,
    intervals.lifecycle,
    intervals.stage,
    actions.care_action as action,
    actions.reason,
    intervals.entered_by as evidence,
    actions.priority,
    cast({{ days_after('intervals.valid_from', 'actions.due_after_days') }} as date) as due_date
from intervals
inner join actions
    on intervals.lifecycle = actions.lifecycle
    and intervals.stage = actions.stage
