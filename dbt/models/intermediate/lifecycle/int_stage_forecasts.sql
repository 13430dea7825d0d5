-- One row per lifecycle, origin month, months ahead and stage: the expected number of customers at
-- the end of that month, and its variance. Formulas and sources: docs/definitions.md, "Forecast".
{% set horizon = var('forecast_horizon_months') %}
with chain as (
    select * from {{ ref('int_stage_chains_estimated') }}
),

powers as (
    select * from {{ ref('int_stage_chain_powers') }}
),

entrants as (
    select lifecycle, origin_month, month_count, to_stage as stage, monthly_count
    from chain
    where from_stage is null
),

starts as (
    select
        entrants.lifecycle,
        entrants.origin_month,
        entrants.stage,
        sum(coalesce(moved.customer_count, 0)) as customer_count
    from entrants
    left join {{ ref('int_stage_months_moved') }} as moved
        on entrants.lifecycle = moved.lifecycle
        and entrants.origin_month = moved.month
        and entrants.stage = moved.to_stage
    group by entrants.lifecycle, entrants.origin_month, entrants.stage
),

-- Customers present at the origin: each is in a stage with a probability, independently of the
-- others.
from_starts as (
    select
        powers.lifecycle,
        powers.origin_month,
        powers.months_ahead,
        powers.to_stage as stage,
        {{ exact_sum('starts.customer_count * powers.probability') }} as expected_count,
        {{ exact_sum('starts.customer_count * powers.probability * (1 - powers.probability)') }}
            as variance
    from starts
    inner join powers
        on starts.lifecycle = powers.lifecycle
        and starts.origin_month = powers.origin_month
        and starts.stage = powers.from_stage
    group by powers.lifecycle, powers.origin_month, powers.months_ahead, powers.to_stage
),

-- For customers who enter in entry_stage: the sum, over all months up to then, of the probability
-- that they are in the stage.
occupancies as (
    select
        lifecycle,
        origin_month,
        months_ahead + 1 as months_ahead,
        from_stage as entry_stage,
        to_stage as stage,
        cast(sum(cast(probability as decimal(30, 12))) over (
            partition by lifecycle, origin_month, from_stage, to_stage order by months_ahead
            rows between unbounded preceding and current row
        ) as double) as probability_sum
    from powers
    where months_ahead < {{ horizon }}
),

from_entrants as (
    select
        occupancies.lifecycle,
        occupancies.origin_month,
        occupancies.months_ahead,
        occupancies.stage,
        {{ exact_sum('entrants.monthly_count * occupancies.probability_sum') }} as expected_count,
        {{ exact_sum(
            'entrants.monthly_count / entrants.month_count'
            ~ ' * occupancies.probability_sum * occupancies.probability_sum'
        ) }} as estimate_variance
    from entrants
    inner join occupancies
        on entrants.lifecycle = occupancies.lifecycle
        and entrants.origin_month = occupancies.origin_month
        and entrants.stage = occupancies.entry_stage
    group by
        occupancies.lifecycle, occupancies.origin_month, occupancies.months_ahead, occupancies.stage
),

paths as (
    select
        from_starts.lifecycle,
        from_starts.origin_month,
        from_starts.months_ahead,
        from_starts.stage,
        from_starts.expected_count + coalesce(from_entrants.expected_count, 0) as expected_count,
        from_starts.variance + coalesce(from_entrants.expected_count, 0) as chance_variance,
        coalesce(from_entrants.estimate_variance, 0) as entrant_estimate_variance
    from from_starts
    left join from_entrants
        on from_starts.lifecycle = from_entrants.lifecycle
        and from_starts.origin_month = from_entrants.origin_month
        and from_starts.months_ahead = from_entrants.months_ahead
        and from_starts.stage = from_entrants.stage
),

-- The derivative of the expected count by the probability of a move from one stage to another: it
-- works through every month in which customers are in the former stage.
slopes as (
    select
        paths.lifecycle,
        paths.origin_month,
        paths.months_ahead + powers.months_ahead + 1 as months_ahead,
        paths.stage as moved_from,
        powers.from_stage as moved_to,
        powers.to_stage as stage,
        {{ exact_sum('paths.expected_count * powers.probability') }} as slope
    from paths
    inner join powers
        on paths.lifecycle = powers.lifecycle
        and paths.origin_month = powers.origin_month
        and paths.months_ahead + powers.months_ahead + 1 <= {{ horizon }}
    group by
        paths.lifecycle, paths.origin_month, paths.months_ahead + powers.months_ahead + 1,
        paths.stage, powers.from_stage, powers.to_stage
),

-- The probabilities out of one stage are estimated together, from the from_count customers observed
-- in it.
estimates as (
    select
        slopes.lifecycle,
        slopes.origin_month,
        slopes.months_ahead,
        slopes.stage,
        slopes.moved_from,
        max(chain.from_count) as from_count,
        {{ exact_sum('chain.probability * slopes.slope') }} as mean_slope,
        {{ exact_sum('chain.probability * slopes.slope * slopes.slope') }} as mean_squared_slope
    from slopes
    inner join chain
        on slopes.lifecycle = chain.lifecycle
        and slopes.origin_month = chain.origin_month
        and slopes.moved_from = chain.from_stage
        and slopes.moved_to = chain.to_stage
    group by
        slopes.lifecycle, slopes.origin_month, slopes.months_ahead, slopes.stage, slopes.moved_from
),

estimate_variances as (
    select
        lifecycle,
        origin_month,
        months_ahead,
        stage,
        {{ exact_sum('case
            when from_count > 0
                then greatest(mean_squared_slope - mean_slope * mean_slope, 0) / from_count
            else 0
        end') }} as variance
    from estimates
    group by lifecycle, origin_month, months_ahead, stage
)

select
    paths.lifecycle,
    paths.origin_month,
    paths.months_ahead,
    paths.stage,
    starts.customer_count as origin_customer_count,
    paths.expected_count,
    paths.chance_variance,
    paths.entrant_estimate_variance + estimate_variances.variance as estimate_variance
from paths
inner join estimate_variances
    on paths.lifecycle = estimate_variances.lifecycle
    and paths.origin_month = estimate_variances.origin_month
    and paths.months_ahead = estimate_variances.months_ahead
    and paths.stage = estimate_variances.stage
inner join starts
    on paths.lifecycle = starts.lifecycle
    and paths.origin_month = starts.origin_month
    and paths.stage = starts.stage
