-- One row per customer and lifecycle: the stay that lasts, with the record that began it. Of the stays of all
-- times one in six lasts, and a dozen tables show nothing else.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
select
    stays.customer_id,
    stays.lifecycle,
    stays.stage,
    stays.previous_stage,
    stays.entered_by,
    moves.evidence_activity_key,
    stays.entry_number,
    stays.valid_from
from {{ ref('int_customer_stage_intervals') }} as stays
inner join {{ ref('fct_customer_stage_transitions') }} as moves
    on stays.customer_id = moves.customer_id
    and stays.lifecycle = moves.lifecycle
    and stays.valid_from = moves.transitioned_at
where
    stays.valid_to is null
    {{ only_affected('stays.customer_id', 'int_affected_customers') }}
    {{ only_affected('moves.customer_id', 'int_affected_customers') }}
