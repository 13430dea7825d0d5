-- Grain: stage interval in `lost`, reason. Not additive over reasons: an interval may have several.
-- Written whole: whether a condition is a driver depends on all customers. What is costly, finding
-- the evidence, is incremental (int_churn_reasons_evidenced).
with intervals as (
    select customer_id, entry_number, lost_at, returned_at, is_current, value_at_stake
    from {{ ref('int_lost_intervals') }}
),

drivers as (
    select condition, share_among_cases, share_among_others, lift, lift_low, lift_high, is_driver
    from {{ ref('int_drivers_tested') }}
    where outcome = 'lost'
),

evidence as (
    select
        evidence.*,
        reasons.strength_rank,
        reasons.is_stated,
        drivers.condition,
        drivers.share_among_cases,
        drivers.share_among_others,
        drivers.lift,
        drivers.lift_low,
        drivers.lift_high,
        -- Without a driver to compare with, a reason is stated or `silence`.
        case when coalesce(drivers.is_driver, true) then 1 else 0 end as is_given
    from {{ ref('int_churn_reasons_evidenced') }} as evidence
    inner join {{ ref('churn_reasons') }} as reasons
        on evidence.reason = reasons.reason
    left join drivers
        on evidence.reason = drivers.condition
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id, entry_number
            order by is_given desc, strength_rank asc, reason asc
        ) as reason_rank,
        max(is_given) over (partition by customer_id, entry_number) as has_given
    from evidence
)

select
    intervals.customer_id,
    intervals.entry_number,
    case when ranked.is_given = 1 then ranked.reason else 'unknown' end as reason,
    cast(ranked.reason_rank as integer) as reason_rank,
    ranked.is_stated,
    ranked.condition,
    ranked.share_among_cases as share_among_lost,
    ranked.share_among_others,
    ranked.lift,
    ranked.lift_low,
    ranked.lift_high,
    ranked.activity as evidence_activity,
    ranked.source_system as evidence_source_system,
    ranked.subject_id as evidence_subject_id,
    ranked.evidence_count,
    intervals.value_at_stake,
    currency.currency_code,
    intervals.is_current,
    ranked.evidence_at,
    intervals.lost_at,
    intervals.returned_at
from intervals
cross join {{ ref('int_reporting_currency') }} as currency
inner join ranked
    on intervals.customer_id = ranked.customer_id
    and intervals.entry_number = ranked.entry_number
where
    ranked.is_given = 1
    -- Evidence that earns no reason is shown once, the strongest.
    or (ranked.has_given = 0 and ranked.reason_rank = 1)
