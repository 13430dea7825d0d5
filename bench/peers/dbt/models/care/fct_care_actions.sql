select
    occasions.customer_id, occasions.lifecycle, occasions.stage, occasions.care_action as action, condition, reason,
    evidence, coalesce(condition_key, evidence_activity_key) as evidence_activity_key, priority::integer as priority,
    row_number() over (
        partition by occasions.customer_id, occasions.lifecycle order by done_at is not null, priority
    ) = 1 as is_next,
    (called_for_at + to_days(occasions.due_after_days::integer))::date as due_date, called_for_at, done_at
from {{ ref('int_occasions') }} as occasions
inner join {{ ref('int_care_actions') }} as care_actions using (lifecycle, stage, care_action)
left join {{ ref('int_evidence') }} as evidence
    on occasions.customer_id = evidence.customer_id and occasions.lifecycle = evidence.lifecycle
    and occasions.called_for_at = evidence.valid_from
where is_open
