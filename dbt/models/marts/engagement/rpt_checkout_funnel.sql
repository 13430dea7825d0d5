-- Grain: month in which the checkout was started, step. Not additive over steps: each step includes
-- the checkouts of the next.
with steps as (
    select 1 as step_rank, 'cart' as step
    union all
    select 2 as step_rank, 'shipping' as step
    union all
    select 3 as step_rank, 'payment' as step
    union all
    select 4 as step_rank, 'placed' as step
),

checkouts as (
    select
        {{ month_of('started_at') }} as month,
        furthest_step,
        was_given_up,
        was_recovered,
        started_at,
        shipping_at,
        payment_at,
        placed_at
    from {{ ref('int_checkouts_stepped') }}
),

reached as (
    select
        checkouts.month,
        steps.step,
        steps.step_rank,
        checkouts.furthest_step,
        checkouts.was_given_up,
        checkouts.was_recovered,
        case
            when steps.step_rank < 4 then {{ seconds_between(
                'case steps.step_rank
                    when 1 then checkouts.started_at
                    when 2 then checkouts.shipping_at
                    else checkouts.payment_at
                end',
                'checkouts.placed_at'
            ) }}
        end as seconds_to_order
    from checkouts
    inner join steps
        on checkouts.furthest_step >= steps.step_rank
),

counted as (
    select
        month,
        step,
        step_rank,
        count(*) as reached_count,
        sum(case when furthest_step > step_rank then 1 else 0 end) as continued_count,
        sum(case when furthest_step = step_rank and was_given_up then 1 else 0 end)
            as abandoned_count,
        sum(case when furthest_step = step_rank and was_recovered then 1 else 0 end)
            as recovered_count,
        median(seconds_to_order) as median_seconds_to_order
    from reached
    group by month, step, step_rank
),

started as (
    select month, count(*) as started_count
    from checkouts
    group by month
)

select
    started.month,
    steps.step,
    steps.step_rank,
    cast(coalesce(counted.reached_count, 0) as integer) as reached_count,
    {{ mean('coalesce(counted.reached_count, 0)', 'started.started_count') }} as reach_rate,
    cast(coalesce(counted.continued_count, 0) as integer) as continued_count,
    cast(coalesce(counted.abandoned_count, 0) as integer) as abandoned_count,
    {{ mean('counted.abandoned_count', 'counted.reached_count') }} as abandonment_rate,
    cast(coalesce(counted.recovered_count, 0) as integer) as recovered_count,
    {{ quantity('counted.median_seconds_to_order / 60.0') }} as median_minutes_to_order
from started
cross join steps
left join counted
    on started.month = counted.month
    and steps.step = counted.step
