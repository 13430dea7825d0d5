select intervals.*, care_actions.care_action, (valid_from + to_days(due_after_days::integer))::date as care_due_date
from {{ ref('fct_customer_stage_intervals') }} as intervals
inner join (
    from {{ ref('stg_care_actions') }} where condition is null
    qualify row_number() over (partition by lifecycle, stage order by priority) = 1
) as care_actions
    on intervals.lifecycle = care_actions.lifecycle and intervals.stage = care_actions.stage
where is_current
