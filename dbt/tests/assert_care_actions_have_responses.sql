-- Protects the outcomes of care: an action for which no interaction counts could never be seen as done, and every stay
-- would stand among the untreated.
{{ config(meta={'dagster': {'ref': {'name': 'fct_care_outcomes'}}}) }}
select outcomes.action
from {{ ref('fct_care_outcomes') }} as outcomes
left join {{ ref('care_responses') }} as responses
    on outcomes.action = responses.care_action
where responses.care_action is null
