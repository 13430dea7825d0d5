-- One row per lifecycle, origin month, stage and stage one month later: the Markov chain estimated
-- from the months that the origin knows. Rows without from_stage are new customers per month, by
-- stage. Every pair has a row. A stage in which no customer was observed keeps whoever enters it.
with windows as (
    select origin_month, month_count, month from {{ ref('int_forecast_windows') }}
),

origins as (
    select distinct origin_month, month_count from windows
),

stages as (
    select lifecycle, stage from {{ ref('dim_lifecycle_stages') }}
),

moves as (
    select
        moved.lifecycle,
        windows.origin_month,
        moved.from_stage,
        moved.to_stage,
        sum(moved.customer_count) as customer_count
    from windows
    inner join {{ ref('int_stage_months_moved') }} as moved
        on windows.month = moved.month
    group by moved.lifecycle, windows.origin_month, moved.from_stage, moved.to_stage
),

totals as (
    select
        lifecycle,
        origin_month,
        from_stage,
        sum(customer_count) as customer_count
    from moves
    where from_stage is not null
    group by lifecycle, origin_month, from_stage
)

select
    from_stages.lifecycle,
    origins.origin_month,
    origins.month_count,
    from_stages.stage as from_stage,
    to_stages.stage as to_stage,
    coalesce(totals.customer_count, 0) as from_count,
    case
        when totals.customer_count is not null
            then cast(coalesce(moves.customer_count, 0) as double) / totals.customer_count
        when from_stages.stage = to_stages.stage then cast(1 as double)
        else cast(0 as double)
    end as probability,
    cast(coalesce(moves.customer_count, 0) as double) / origins.month_count as monthly_count
from origins
cross join stages as from_stages
inner join stages as to_stages
    on from_stages.lifecycle = to_stages.lifecycle
left join totals
    on origins.origin_month = totals.origin_month
    and from_stages.lifecycle = totals.lifecycle
    and from_stages.stage = totals.from_stage
left join moves
    on origins.origin_month = moves.origin_month
    and from_stages.lifecycle = moves.lifecycle
    and from_stages.stage = moves.from_stage
    and to_stages.stage = moves.to_stage
union all
select
    stages.lifecycle,
    origins.origin_month,
    origins.month_count,
    cast(null as {{ dbt.type_string() }}) as from_stage,
    stages.stage as to_stage,
    0 as from_count,
    cast(null as double) as probability,
    cast(coalesce(moves.customer_count, 0) as double) / origins.month_count as monthly_count
from origins
cross join stages
left join moves
    on origins.origin_month = moves.origin_month
    and stages.lifecycle = moves.lifecycle
    and stages.stage = moves.to_stage
    and moves.from_stage is null
