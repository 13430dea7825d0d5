-- One row per outcome and condition: whether the condition is more frequent before the outcome than
-- among comparable others, beyond chance. The interval is normal for the square root of the lift,
-- whose variance hardly depends on small counts (Anscombe 1948). Each of its ends holds for all
-- conditions of an outcome at once (Bonferroni).
with estimated as (
    select
        lifts.*,
        spreads.case_customer_count,
        greatest(spreads.case_customer_count, lifts.expected_count)
        >= thresholds.driver_minimum_customers as is_tested,
        -- Without a case with the condition, that of as many cases as were expected.
        case
            when lifts.case_with_count > 0
                then sqrt(lifts.lift * spreads.variance) / lifts.case_weight
            else sqrt(1 / nullif(lifts.expected_count, 0))
        end as spread
    from {{ ref('int_driver_lifts_estimated') }} as lifts
    cross join {{ ref('int_thresholds') }} as thresholds
    inner join {{ ref('int_driver_spreads_estimated') }} as spreads
        on lifts.outcome = spreads.outcome
        and lifts.condition = spreads.condition
),

tails as (
    select
        estimated.*,
        cast(thresholds.driver_false_discovery_share as double)
        / greatest(
            sum(case when estimated.is_tested then 1 else 0 end) over (
                partition by estimated.outcome
            ), 2
        ) as tail
    from estimated
    cross join {{ ref('int_thresholds') }} as thresholds
),

bounded as (
    select
        *,
        greatest(sqrt(lift) - {{ normal_deviation('tail') }} * spread / 2, 0) as root_low,
        sqrt(lift) + {{ normal_deviation('tail') }} * spread / 2 as root_high
    from tails
),

rounded as (
    select
        outcome,
        condition,
        all_case_count,
        case_count,
        case_with_count,
        case_customer_count,
        other_count,
        other_with_count,
        is_tested,
        {{ quantity('case_weight / nullif(weight, 0)') }} as share_among_cases,
        {{ quantity('other_weight / nullif(weight, 0)') }} as share_among_others,
        case when is_tested then {{ quantity('lift') }} end as lift,
        case when is_tested then {{ quantity('root_low * root_low') }} end as lift_low,
        case when is_tested then {{ quantity('root_high * root_high') }} end as lift_high
    from bounded
)

select
    *,
    coalesce(lift_low > 1, false) as is_driver,
    case
        when case_count = 0 then 'no_comparison'
        when case_with_count + other_with_count = 0 then 'never_observed'
        when not is_tested then 'too_few'
        when lift_high < 1 then 'less_frequent'
        when lift_low <= 1 then 'no_difference'
    end as reason_code
from rounded
