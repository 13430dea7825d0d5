-- One row per customer and lifecycle: the current stage interval, with the record that began it.
-- One in six intervals is current, and a dozen tables read only these.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
select
    intervals.customer_id,
    intervals.lifecycle,
    intervals.stage,
    intervals.previous_stage,
    intervals.entered_by,
    moves.evidence_activity_key,
    intervals.entry_number,
    intervals.valid_from
from {{ ref('int_customer_stage_intervals') }} as intervals
inner join {{ ref('fct_customer_stage_transitions') }} as moves
    on intervals.customer_id = moves.customer_id
    and intervals.lifecycle = moves.lifecycle
    and intervals.valid_from = moves.transitioned_at
where
    intervals.valid_to is null
    {{ only_affected('intervals.customer_id', 'int_affected_customers') }}
    {{ only_affected('moves.customer_id', 'int_affected_customers') }}
