-- One row per outcome and condition: the share of cases with it and the share of others, over the
-- strata that have both. Their quotient is the lift, the relative risk of Mantel and Haenszel
-- (Greenland and Robins 1985): a stratum weighs cases * others / all, so that neither few cases nor
-- few others make one of the shares uncertain.
with strata as (
    select
        *,
        cast(case_count as double) / (case_count + other_count) as case_share,
        cast(other_count as double) / (case_count + other_count) as other_share
    from {{ ref('int_driver_strata_counted') }}
),

compared as (
    select
        outcome,
        condition,
        sum(case_count) as case_count,
        sum(case_with_count) as case_with_count,
        sum(other_count) as other_count,
        sum(other_with_count) as other_with_count,
        {{ exact_sum('case_count * other_share') }} as weight,
        {{ exact_sum('case_with_count * other_share') }} as case_weight,
        {{ exact_sum('other_with_count * case_share') }} as other_weight,
        {{ exact_sum('(case_with_count + other_with_count) * case_share') }} as expected_count
    from strata
    where
        case_count > 0
        and other_count > 0
    group by outcome, condition
),

everyone as (
    select
        outcome,
        condition,
        sum(case_count) as all_case_count
    from strata
    group by outcome, condition
)

select
    everyone.outcome,
    everyone.condition,
    everyone.all_case_count,
    coalesce(compared.case_count, 0) as case_count,
    coalesce(compared.case_with_count, 0) as case_with_count,
    coalesce(compared.other_count, 0) as other_count,
    coalesce(compared.other_with_count, 0) as other_with_count,
    coalesce(compared.expected_count, 0) as expected_count,
    coalesce(compared.weight, 0) as weight,
    coalesce(compared.case_weight, 0) as case_weight,
    coalesce(compared.other_weight, 0) as other_weight,
    -- Where no other has the condition, half a one is taken to have it.
    coalesce(
        compared.case_weight
        / greatest(compared.other_weight, 0.5 * compared.weight / compared.other_count), 0
    ) as lift
from everyone
left join compared
    on everyone.outcome = compared.outcome
    and everyone.condition = compared.condition
