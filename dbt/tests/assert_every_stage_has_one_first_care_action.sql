-- Protects the stage tables: each shows the one action of priority 1, so a stage without one would be an
-- empty table, and one with two would list its customers twice.
{{ config(meta={'dagster': {'ref': {'name': 'care_actions'}}}) }}
select
    stages.lifecycle,
    stages.stage,
    count(actions.care_action) as first_action_count
from {{ ref('lifecycle_stages') }} as stages
left join {{ ref('care_actions') }} as actions
    on stages.lifecycle = actions.lifecycle
    and stages.stage = actions.stage
    and actions.priority = 1
group by stages.lifecycle, stages.stage
having count(actions.care_action) <> 1
