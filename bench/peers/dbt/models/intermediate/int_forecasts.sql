with origins as (
    select
        chain.origin_month, chain.lifecycle, chain.to_stage as stage, month_count, move_count / month_count as entrants,
        coalesce(actual.customer_count, 0) as customer_count
    from {{ ref('int_chain') }} as chain
    left join (
        select lifecycle, month, to_stage, sum(customer_count) as customer_count from {{ ref('int_month_moves') }} as month_moves group by all
    ) as actual
        on chain.lifecycle = actual.lifecycle and chain.origin_month = actual.month and chain.to_stage = actual.to_stage
    where chain.from_stage is null
),
expected as (
    select
        origin_month, lifecycle, months_ahead, to_stage as stage,
        sum(customer_count * probability + entrants * earlier_sum) as expected_count,
        sum(customer_count * probability * (1 - probability) + entrants * earlier_sum) as chance_variance,
        sum(entrants / month_count * earlier_sum * earlier_sum) as entrant_variance
    from {{ ref('int_powers') }} as powers
    inner join origins using (origin_month, lifecycle)
    where from_stage = stage
    group by origin_month, lifecycle, months_ahead, to_stage
),
slopes as (
    select
        expected.origin_month, expected.lifecycle, expected.months_ahead + powers.months_ahead + 1 as months_ahead,
        expected.stage as from_stage, powers.from_stage as to_stage, powers.to_stage as stage,
        sum(expected_count * powers.probability) as slope
    from expected
    inner join {{ ref('int_powers') }} as powers
        on expected.origin_month = powers.origin_month and expected.lifecycle = powers.lifecycle
        and expected.months_ahead + powers.months_ahead < 12
    group by all
),
estimates as (
    select
        origin_month, lifecycle, months_ahead, stage, from_stage,
        (sum(probability * slope * slope) - pow(sum(probability * slope), 2)) / nullif(max(from_count), 0) as variance
    from slopes
    inner join {{ ref('int_chain') }} as chain using (origin_month, lifecycle, from_stage, to_stage)
    group by all
),
estimated as (
    select origin_month, lifecycle, months_ahead, stage, sum(greatest(variance, 0)) as variance
    from estimates
    group by all
)
select
    expected.origin_month, expected.lifecycle, expected.months_ahead, expected.stage,
    (origin_month + to_months(months_ahead))::date as month, origins.customer_count as origin_customer_count,
    expected_count, chance_variance + entrant_variance + coalesce(estimated.variance, 0) as variance
from expected
inner join estimated using (origin_month, lifecycle, months_ahead, stage)
inner join origins using (origin_month, lifecycle, stage)
