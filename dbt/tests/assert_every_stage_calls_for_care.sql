-- Protects the next care action: a stage without an action that is always called for would lose its customers from
-- the stage tables, and two actions of one priority would leave the choice between them to chance.
{{ config(meta={'dagster': {'ref': {'name': 'care_actions'}}}) }}
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
    sum(case when actions.care_action is not null and actions.condition is null then 1 else 0 end) = 0
    or count(actions.care_action) <> count(distinct actions.priority)
