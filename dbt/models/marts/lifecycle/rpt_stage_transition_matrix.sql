-- Grain: lifecycle, month, from stage, to stage. probability is the share of the month's moves out
-- of from_stage that led to to_stage. It sums to 1 per lifecycle, month and from_stage.
-- monthly_rate has those who could have moved as its denominator.
with stages as (
    select lifecycle, stage from {{ ref('dim_lifecycle_stages') }}
),

-- Numbers every possible move: grouping by one number takes half the time of grouping by three
-- texts.
pairs as (
    select
        from_stages.lifecycle,
        from_stages.stage as from_stage,
        to_stages.stage as to_stage,
        cast(row_number() over (
            order by from_stages.lifecycle, from_stages.stage, to_stages.stage
        ) as smallint) as pair_number
    from stages as from_stages
    inner join stages as to_stages
        on from_stages.lifecycle = to_stages.lifecycle
),

-- Counted in two steps: the distinct customers of all groups at once would have to fit in memory.
moves_of_customers as (
    select
        pairs.pair_number,
        {{ month_of('moves.transitioned_at') }} as month,
        moves.customer_id,
        count(*) as move_count
    from {{ ref('fct_customer_stage_transitions') }} as moves
    inner join pairs
        on moves.lifecycle = pairs.lifecycle
        and moves.from_stage = pairs.from_stage
        and moves.to_stage = pairs.to_stage
    group by pairs.pair_number, {{ month_of('moves.transitioned_at') }}, moves.customer_id
),

counted as (
    select
        pairs.lifecycle,
        moves.month,
        pairs.from_stage,
        pairs.to_stage,
        moves.move_count,
        moves.customer_count
    from (
        select
            pair_number,
            month,
            sum(move_count) as move_count,
            count(*) as customer_count
        from moves_of_customers
        group by pair_number, month
    ) as moves
    inner join pairs
        on moves.pair_number = pairs.pair_number
),

-- A customer who enters twice in a month can leave twice.
at_risk as (
    select
        lifecycle,
        stage,
        month,
        month_start_customer_count + entry_count as at_risk_count
    from {{ ref('int_stage_months_counted') }}
)

select
    counted.lifecycle,
    counted.from_stage,
    counted.to_stage,
    cast(counted.move_count as integer) as move_count,
    cast(counted.customer_count as integer) as customer_count,
    cast(at_risk.at_risk_count as integer) as at_risk_count,
    cast(counted.move_count as double) / sum(counted.move_count) over (
        partition by counted.lifecycle, counted.month, counted.from_stage
    ) as probability,
    cast(counted.move_count as double) / at_risk.at_risk_count as monthly_rate,
    counted.month
from counted
inner join at_risk
    on counted.lifecycle = at_risk.lifecycle
    and counted.from_stage = at_risk.stage
    and counted.month = at_risk.month
