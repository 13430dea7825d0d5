-- Grain: customer, lifecycle, care action that is called for at as_of.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with occasions as (
    select *
    from {{ ref('int_care_occasions') }}
    where is_open {{ only_affected('customer_id', 'int_affected_customers') }}
),

done as (
    select
        occasions.customer_id,
        occasions.lifecycle,
        occasions.care_action,
        min(interactions.occurred_at) as done_at
    from occasions
    inner join {{ ref('care_responses') }} as responses
        on occasions.care_action = responses.care_action
    inner join {{ ref('int_interactions_resolved') }} as interactions
        on occasions.customer_id = interactions.customer_id
        and responses.activity = interactions.kind
        and occasions.called_for_at <= interactions.occurred_at
        and (interactions.is_outbound or responses.counts_inbound)
    where true {{ only_affected('interactions.customer_id', 'int_affected_customers') }}
    group by occasions.customer_id, occasions.lifecycle, occasions.care_action
)

select
    occasions.customer_id,
    occasions.lifecycle,
    occasions.stage,
    occasions.care_action as action,
    occasions.condition,
    occasions.reason,
    occasions.evidence,
    coalesce(occasions.evidence_activity_key, transitions.evidence_activity_key)
        as evidence_activity_key,
    occasions.priority,
    row_number() over (
        partition by occasions.customer_id, occasions.lifecycle
        order by case when done.done_at is null then 0 else 1 end, occasions.priority
    ) = 1 as is_next,
    {{ date_days_after('occasions.called_for_at', 'occasions.due_after_days') }} as due_date,
    occasions.called_for_at,
    done.done_at
from occasions
inner join {{ ref('fct_customer_stage_transitions') }} as transitions
    on occasions.customer_id = transitions.customer_id
    and occasions.lifecycle = transitions.lifecycle
    and occasions.valid_from = transitions.transitioned_at
left join done
    on occasions.customer_id = done.customer_id
    and occasions.lifecycle = done.lifecycle
    and occasions.care_action = done.care_action
where true {{ only_affected('transitions.customer_id', 'int_affected_customers') }}
