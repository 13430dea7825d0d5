with called as (
    select
        customer_id, lifecycle, stage, care_action, response, due_after_days, entered_by as evidence,
        null::varchar as condition_key, is_current as is_open, valid_to, valid_from as called_for_at
    from {{ ref('fct_customer_stage_intervals') }} as fct_customer_stage_intervals
    inner join {{ ref('int_care_actions') }} as care_actions using (lifecycle, stage)
    where condition is null
    union all
    select
        intervals.customer_id, intervals.lifecycle, intervals.stage, care_action, response, due_after_days,
        conditions.activity, conditions.activity_key, is_current and holds_to is null, valid_to,
        greatest(valid_from, holds_from)
    from {{ ref('int_conditions') }} as conditions
    inner join {{ ref('int_care_actions') }} as care_actions using (condition)
    inner join {{ ref('fct_customer_stage_intervals') }} as intervals
        on conditions.customer_id = intervals.customer_id and care_actions.lifecycle = intervals.lifecycle
        and care_actions.stage = intervals.stage and (valid_to is null or valid_to > holds_from)
        and (holds_to is null or valid_from < holds_to)
),
sent as (
    select customer_id, activity, occurred_at from {{ ref('fct_customer_activities') }} as fct_customer_activities
    where activity in ('email_sent', 'offer_sent')
),
answered as (
    select
        moments.customer_id, called_for_at, min(occurred_at) filter (activity = 'email_sent') as email_sent_at,
        min(occurred_at) filter (activity = 'offer_sent') as offer_sent_at
    from (select distinct customer_id, called_for_at from called) as moments
    inner join sent on moments.customer_id = sent.customer_id and called_for_at <= occurred_at
    group by moments.customer_id, called_for_at
)
select called.*, case response when 'email_sent' then email_sent_at when 'offer_sent' then offer_sent_at end as done_at
from called
left join answered using (customer_id, called_for_at)
