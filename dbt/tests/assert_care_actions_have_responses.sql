-- Every care action has an interaction that counts as doing it. Without one, the action could never
-- be done and all its stage intervals would count as untreated.
{{ config(meta={'dagster': {'ref': {'name': 'fct_care_outcomes'}}, 'shows': ['action']}) }}
select outcomes.action
from {{ ref('fct_care_outcomes') }} as outcomes
left join {{ ref('care_responses') }} as responses
    on outcomes.action = responses.care_action
where responses.care_action is null
