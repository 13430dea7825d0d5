select intervals.*, care_actions.care_action, (valid_from + to_days(due_after_days::integer))::date as care_due_date
from {{ ref('fct_customer_stage_intervals') }} as intervals
inner join {{ ref('stg_care_actions') }} as care_actions
    on intervals.lifecycle = care_actions.lifecycle and intervals.stage = care_actions.stage and care_actions.priority = 1
where is_current
