-- The stage forecast: a Markov chain by months, from the end of the last whole month and of
-- earlier ones for the backtest (docs/definitions.md, "Forecast").
create temp table month_moves as
with held as (
    select
        lifecycle,
        lag(stage) over (partition by customer_id, lifecycle order by valid_from) as from_stage,
        stage,
        first_month, last_month
    from (
        select
            *, date_trunc('month', valid_from)::date as first_month,
            (date_trunc('month', coalesce(valid_to, getvariable('as_of'))) - interval 1 month)::date
                as last_month
        from lifecycle.fct_customer_stage_intervals
    )
    where first_month <= last_month
),

steps as (
    select lifecycle, stage, first_month as after_month, count(*) as step from held group by all
    union all
    select lifecycle, stage, last_month, -count(*) from held group by all
),

moved as (
    select
        lifecycle,
        first_month as month,
        from_stage,
        stage as to_stage,
        count(*) as customer_count
    from held
    group by all
    union all
    select lifecycle, month, stage, stage, sum(step)
    from steps
    inner join (select distinct month_start_date as month from core.dim_dates) as months
        on month > after_month
    group by all
)

select lifecycle, month, from_stage, to_stage, sum(customer_count)::bigint as customer_count
from moved
group by all
having sum(customer_count) > 0;

create temp table chain as
with months as (
    select month, row_number() over (order by month) as age, count(*) over () - age as months_back
    from (select distinct month_start_date as month from core.dim_dates)
    where month + interval 1 month <= getvariable('as_of')
),

origins as (
    select month as origin_month, age, least(age, getvariable('forecast_months')) as month_count
    from months
    where
        age >= getvariable('forecast_minimum_months')
        and months_back <= getvariable('forecast_backtest_months')
),

seen as (
    select origin_month, lifecycle, from_stage, to_stage, sum(customer_count) as customer_count
    from origins
    inner join months on months.age <= origins.age and months.age > origins.age - month_count
    inner join month_moves using (month)
    group by all
),

pairs as (
    -- Rows without from_stage are new customers.
    select
        origin_month,
        month_count,
        lifecycle,
        sources.stage as from_stage,
        stages.stage as to_stage
    from origins
    cross join stages
    inner join (
        select lifecycle, stage from stages union all select distinct lifecycle, null from stages
    ) as sources using (lifecycle)
)

select
    pairs.*, coalesce(customer_count, 0) as move_count,
    sum(move_count) over (partition by pairs.origin_month, pairs.lifecycle, pairs.from_stage)
        as from_count,
    case
        when from_count > 0 then move_count / from_count
        else (pairs.from_stage = pairs.to_stage)::integer
    end
        ::double as probability
from pairs
left join seen
    on pairs.origin_month = seen.origin_month and pairs.lifecycle = seen.lifecycle
    and pairs.to_stage = seen.to_stage and pairs.from_stage is not distinct from seen.from_stage;

create temp table powers as
with recursive multiplied as (
    select
        origin_month,
        lifecycle,
        0 as months_ahead,
        from_stage,
        to_stage,
        (from_stage = to_stage)::integer::double
            as probability
    from chain
    where from_stage is not null
    union all
    select
        chain.origin_month,
        chain.lifecycle,
        months_ahead + 1,
        multiplied.from_stage,
        chain.to_stage,
        sum(multiplied.probability * chain.probability)
    from multiplied
    inner join chain
        on multiplied.origin_month = chain.origin_month and multiplied.lifecycle = chain.lifecycle
        and multiplied.to_stage = chain.from_stage
    where months_ahead < 12
    group by
        chain.origin_month,
        chain.lifecycle,
        months_ahead,
        multiplied.from_stage,
        chain.to_stage
)

select
    *, coalesce(sum(probability) over (
        partition by origin_month, lifecycle, from_stage, to_stage order by months_ahead
        rows between unbounded preceding and 1 preceding
    ), 0) as earlier_sum
from multiplied;

create temp table forecasts as
with origins as (
    select
        chain.origin_month,
        chain.lifecycle,
        chain.to_stage as stage,
        month_count,
        move_count / month_count as entrants,
        coalesce(actual.customer_count, 0) as customer_count
    from chain
    left join (
        select lifecycle, month, to_stage, sum(customer_count) as customer_count
        from month_moves
        group by all
    ) as actual
        on
            chain.lifecycle = actual.lifecycle
            and chain.origin_month = actual.month
            and chain.to_stage = actual.to_stage
    where chain.from_stage is null
),

expected as (
    select
        origin_month, lifecycle, months_ahead, to_stage as stage,
        sum(customer_count * probability + entrants * earlier_sum) as expected_count,
        sum(customer_count * probability * (1 - probability) + entrants * earlier_sum)
            as chance_variance,
        sum(entrants / month_count * earlier_sum * earlier_sum) as entrant_variance
    from powers
    inner join origins using (origin_month, lifecycle)
    where from_stage = stage
    group by origin_month, lifecycle, months_ahead, to_stage
),

slopes as (
    select
        expected.origin_month,
        expected.lifecycle,
        expected.months_ahead + powers.months_ahead + 1 as months_ahead,
        expected.stage as from_stage, powers.from_stage as to_stage, powers.to_stage as stage,
        sum(expected_count * powers.probability) as slope
    from expected
    inner join powers
        on expected.origin_month = powers.origin_month and expected.lifecycle = powers.lifecycle
        and expected.months_ahead + powers.months_ahead < 12
    group by all
),

estimates as (
    select
        origin_month, lifecycle, months_ahead, stage, from_stage,
        (sum(probability * slope * slope) - pow(sum(probability * slope), 2))
        / nullif(max(from_count), 0) as variance
    from slopes
    inner join chain using (origin_month, lifecycle, from_stage, to_stage)
    group by all
),

estimated as (
    select origin_month, lifecycle, months_ahead, stage, sum(greatest(variance, 0)) as variance
    from estimates
    group by all
)

select
    expected.origin_month, expected.lifecycle, expected.months_ahead, expected.stage,
    (origin_month + to_months(months_ahead))::date as month,
    origins.customer_count as origin_customer_count,
    expected_count, chance_variance + entrant_variance + coalesce(estimated.variance, 0) as variance
from expected
inner join estimated using (origin_month, lifecycle, months_ahead, stage)
inner join origins using (origin_month, lifecycle, stage);

-- How much wider intervals must be, by the errors of the forecasts made before; the interval
-- itself.
create temp table forecast_intervals as
with actual as (
    select lifecycle, month, to_stage as stage, sum(customer_count) as customer_count
    from month_moves
    group by all
),

compared as (
    select forecasts.*, coalesce(customer_count, 0) as actual_count
    from forecasts
    left join actual using (lifecycle, month, stage)
),

learned as (
    select
        origins.lifecycle, origins.origin_month, count(variance) as error_count,
        coalesce(greatest(
            sum((pow(expected_count - actual_count, 2) / variance - 1) * months_ahead)
            / sum(months_ahead * months_ahead),
            0
        ), 0) as excess
    from (select distinct lifecycle, origin_month from forecasts) as origins
    left join compared
        on
            origins.lifecycle = compared.lifecycle
            and compared.month <= origins.origin_month
            and variance >= 0.01
    group by all
)

select
    lifecycle, stage, months_ahead, origin_customer_count::integer as origin_customer_count,
    expected_count::decimal(18, 6) as expected_customer_count,
    greatest(
        expected_count
        - getvariable('forecast_interval_z') * sqrt(variance * (1 + excess * months_ahead)),
        0
    )::decimal(18, 6)
        as expected_customer_count_low,
    (
        expected_count
        + getvariable('forecast_interval_z') * sqrt(variance * (1 + excess * months_ahead))
    )::decimal(18, 6)
        as expected_customer_count_high,
    error_count::integer as known_error_count,
    actual_count::integer as actual_customer_count,
    origin_month,
    month,
    max(origin_month) over () as newest_month
from compared
inner join learned using (lifecycle, origin_month);

create table lifecycle.rpt_stage_forecast as
select * exclude (actual_customer_count, newest_month)
from forecast_intervals
where origin_month = newest_month;

create table lifecycle.rpt_stage_forecast_backtest as
select
    * exclude (origin_month, month, newest_month),
    expected_customer_count - actual_customer_count as forecast_error,
    origin_customer_count - actual_customer_count as no_change_error,
    actual_customer_count between expected_customer_count_low and expected_customer_count_high
        as is_within_interval,
    origin_month, month
from forecast_intervals
where month <= newest_month;
