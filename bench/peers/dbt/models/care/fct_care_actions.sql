select
    customer_id,
    intervals.lifecycle,
    intervals.stage,
    care_action as action,
    reason,
    entered_by as evidence,
    cast(priority as integer) as priority,
    cast(valid_from + to_days(cast(due_after_days as integer)) as date) as due_date
from {{ ref('fct_customer_stage_intervals') }} as intervals
inner join {{ ref('stg_care_actions') }} as care_actions
    on intervals.lifecycle = care_actions.lifecycle and intervals.stage = care_actions.stage
where is_current and condition is null
