-- Replayed in order of time, the transitions give the daily series, day for day, and no customer is
-- ever in two stages.
{{ config(meta={'dagster': {'ref': {'name': 'fct_customer_stage_transitions'}}}) }}
with moves as (
    select
        lifecycle,
        to_stage as stage,
        {{ date_of('transitioned_at') }} as date,
        1 as entered,
        0 as exited
    from {{ ref('fct_customer_stage_transitions') }}
    union all
    select
        lifecycle,
        from_stage as stage,
        {{ date_of('transitioned_at') }} as date,
        0 as entered,
        1 as exited
    from {{ ref('fct_customer_stage_transitions') }}
    where from_stage is not null
),

moved as (
    select
        lifecycle,
        stage,
        date,
        sum(entered) as entered_count,
        sum(exited) as exited_count
    from moves
    group by lifecycle, stage, date
),

daily as (
    select
        lifecycle,
        stage,
        date,
        customer_count,
        entered_count,
        exited_count
    from {{ ref('fct_lifecycle_stages_daily') }}
),

replayed as (
    select
        coalesce(daily.lifecycle, moved.lifecycle) as lifecycle,
        coalesce(daily.stage, moved.stage) as stage,
        coalesce(daily.date, moved.date) as date,
        daily.customer_count,
        daily.entered_count,
        daily.exited_count,
        coalesce(moved.entered_count, 0) as replayed_entered_count,
        coalesce(moved.exited_count, 0) as replayed_exited_count,
        sum(coalesce(moved.entered_count, 0) - coalesce(moved.exited_count, 0)) over (
            partition by
                coalesce(daily.lifecycle, moved.lifecycle), coalesce(daily.stage, moved.stage)
            order by coalesce(daily.date, moved.date)
            rows between unbounded preceding and current row
        ) as replayed_customer_count
    from daily
    full outer join moved
        on daily.lifecycle = moved.lifecycle
        and daily.stage = moved.stage
        and daily.date = moved.date
),

chained as (
    select
        lifecycle,
        from_stage,
        transitioned_at,
        lag(to_stage) over (
            partition by customer_id, lifecycle order by transitioned_at, transition_number
        ) as stage_before
    from {{ ref('fct_customer_stage_transitions') }}
    where true {{ of_affected_customers('customer_id') }}
)

select 'a day differs from its moves' as violation, lifecycle, stage, date
from replayed
where
    customer_count is distinct from replayed_customer_count
    or entered_count is distinct from replayed_entered_count
    or exited_count is distinct from replayed_exited_count
union all
select
    'a move leaves a stage the customer was not in' as violation,
    lifecycle,
    from_stage as stage,
    {{ date_of('transitioned_at') }} as date
from chained
where from_stage is distinct from stage_before
