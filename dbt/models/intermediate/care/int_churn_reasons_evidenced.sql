-- One row per lost interval and reason with evidence: the newest piece of it, and how many there
-- are.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with evidence as (
    select
        *,
        row_number() over (
            partition by customer_id, entry_number, reason
            order by
                evidence_at desc nulls last, source_system asc, activity asc, subject_id asc
        ) as newness,
        count(*) over (partition by customer_id, entry_number, reason) as evidence_count
    from {{ ref('int_churn_evidence') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
)

select
    customer_id,
    entry_number,
    reason,
    activity,
    source_system,
    subject_id,
    cast(evidence_count as integer) as evidence_count,
    evidence_at
from evidence
where newness = 1
