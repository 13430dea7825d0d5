select
    intervals.*, evidence.evidence_activity_key, next_actions.action as next_care_action,
    next_actions.due_date as care_due_date
from {{ ref('fct_customer_stage_intervals') }} as intervals
inner join (from {{ ref('fct_care_actions') }} as fct_care_actions where is_next) as next_actions
    on intervals.customer_id = next_actions.customer_id and intervals.lifecycle = next_actions.lifecycle
left join {{ ref('int_evidence') }} as evidence
    on intervals.customer_id = evidence.customer_id and intervals.lifecycle = evidence.lifecycle
    and intervals.valid_from = evidence.valid_from
where is_current
