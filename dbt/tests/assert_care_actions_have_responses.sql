-- Protects the outcomes of care: an action for which no interaction counts could never be seen as done, and every stay
-- would stand among the untreated.
{{ config(meta={'dagster': {'ref': {'name': 'fct_care_outcomes'}}}) }}
select actions.care_action
from {{ ref('care_actions') }} as actions
left join {{ ref('care_responses') }} as responses
    on actions.care_action = responses.care_action
where responses.care_action is null
