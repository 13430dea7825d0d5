-- Every stage has an action without a condition, or its customers would be missing from the stage
-- tables; and no two actions of a stage have the same priority, or the choice between them would be
-- arbitrary.
{{ config(meta={'dagster': {'ref': {'name': 'care_actions'}}, 'shows': ['lifecycle', 'stage']}) }}
select
    stages.lifecycle,
    stages.stage,
    count(actions.care_action) as action_count
from {{ ref('lifecycle_stages') }} as stages
left join {{ ref('care_actions') }} as actions
    on stages.lifecycle = actions.lifecycle
    and stages.stage = actions.stage
group by stages.lifecycle, stages.stage
having
    sum(
        case when actions.care_action is not null and actions.condition is null then 1 else 0 end
    ) = 0
    or count(actions.care_action) <> count(distinct actions.priority)
