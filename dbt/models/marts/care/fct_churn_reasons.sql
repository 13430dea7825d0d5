-- Grain: stage interval in `lost`, reason. Not additive over reasons: an interval may have several.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with intervals as (
    select customer_id, entry_number, lost_at, returned_at, is_current, value_at_stake
    from {{ ref('int_lost_intervals') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
),

reasons as (
    select reason, strength_rank, is_stated from {{ ref('churn_reasons') }}
),

-- Of several pieces of evidence for a reason, the newest is shown.
evidence as (
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
    intervals.customer_id,
    intervals.entry_number,
    evidence.reason,
    cast(row_number() over (
        partition by intervals.customer_id, intervals.entry_number
        order by reasons.strength_rank, reasons.reason
    ) as integer) as reason_rank,
    reasons.is_stated,
    evidence.activity as evidence_activity,
    evidence.source_system as evidence_source_system,
    evidence.subject_id as evidence_subject_id,
    cast(evidence.evidence_count as integer) as evidence_count,
    intervals.value_at_stake,
    currency.currency_code,
    intervals.is_current,
    evidence.evidence_at,
    intervals.lost_at,
    intervals.returned_at
from intervals
cross join {{ ref('int_reporting_currency') }} as currency
inner join evidence
    on intervals.customer_id = evidence.customer_id
    and intervals.entry_number = evidence.entry_number
inner join reasons
    on evidence.reason = reasons.reason
where evidence.newness = 1
