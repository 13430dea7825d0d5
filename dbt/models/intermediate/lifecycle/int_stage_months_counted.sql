-- One row per lifecycle, stage and month up to the last day observed, with all counts and sums. An
-- order belongs to the customer's stage just after it: a first order belongs to first_purchase.
with months as (
    select
        month_start_date as month,
        min(date_day) as first_day,
        max(date_day) as last_day
    from {{ ref('dim_dates') }}
    group by month_start_date
),

stages as (
    select lifecycle, stage, rank, is_loss from {{ ref('dim_lifecycle_stages') }}
),

daily as (
    select
        stages_daily.lifecycle,
        stages_daily.stage,
        months.month,
        sum(
            case
                when stages_daily.date = months.last_day then stages_daily.customer_count
                else 0
            end
        )
            as month_end_customer_count,
        sum(case
            when stages_daily.date = months.first_day
                then stages_daily.customer_count
                    - stages_daily.entered_count + stages_daily.exited_count
            else 0
        end) as month_start_customer_count,
        sum(stages_daily.entered_count) as entry_count,
        sum(stages_daily.exited_count) as exit_count
    from {{ ref('fct_lifecycle_stages_daily') }} as stages_daily
    inner join months
        on stages_daily.date between months.first_day and months.last_day
    group by stages_daily.lifecycle, stages_daily.stage, months.month
),

-- Two CTEs read the transitions, each by itself: DuckDB would hold a CTE with two readers in
-- memory.
left_stages as (
    select
        lifecycle,
        from_stage as stage,
        {{ month_of('transitioned_at') }} as month,
        sum(case when direction in ('forward', 'skipped') then 1 else 0 end) as onward_move_count,
        sum(case when direction = 'regressed' then 1 else 0 end) as regression_count,
        sum(case when direction = 'lost' then 1 else 0 end) as loss_count,
        sum(case when direction = 'won_back' then 1 else 0 end) as win_back_count,
        {{ median('days_in_from_stage') }} as median_days_in_stage
    from {{ ref('fct_customer_stage_transitions') }}
    where from_stage is not null
    group by lifecycle, from_stage, {{ month_of('transitioned_at') }}
),

skips as (
    select
        lifecycle,
        to_stage,
        skipped_stage_count,
        {{ month_of('transitioned_at') }} as month,
        count(*) as move_count
    from {{ ref('fct_customer_stage_transitions') }}
    where skipped_stage_count > 0
    group by lifecycle, to_stage, skipped_stage_count, {{ month_of('transitioned_at') }}
),

passed_stages as (
    select
        skips.lifecycle,
        stages.stage,
        skips.month,
        sum(skips.move_count) as skip_count
    from skips
    inner join stages as to_stages
        on skips.lifecycle = to_stages.lifecycle
        and skips.to_stage = to_stages.stage
    inner join stages
        on skips.lifecycle = stages.lifecycle
        and to_stages.rank > stages.rank
        and to_stages.rank - skips.skipped_stage_count <= stages.rank
    group by skips.lifecycle, stages.stage, skips.month
),

orders as (
    select
        intervals.lifecycle,
        intervals.stage,
        {{ month_of('numbered.ordered_at') }} as month,
        count(*) as order_count,
        sum(numbered.net_amount) as net_revenue
    from {{ ref('int_orders_numbered') }} as numbered
    inner join {{ ref('fct_customer_stage_intervals') }} as intervals
        on numbered.customer_id = intervals.customer_id
        and numbered.ordered_at >= intervals.valid_from
        and numbered.ordered_at < coalesce(intervals.valid_to, {{ as_of() }})
    group by intervals.lifecycle, intervals.stage, {{ month_of('numbered.ordered_at') }}
),

last_ranks as (
    select lifecycle, max(rank) as last_rank
    from stages
    where not is_loss
    group by lifecycle
)

select
    daily.lifecycle,
    daily.stage,
    stages.rank < last_ranks.last_rank as has_next_stage,
    daily.month_start_customer_count,
    daily.month_end_customer_count,
    daily.entry_count,
    daily.exit_count,
    coalesce(left_stages.onward_move_count, 0) as onward_move_count,
    coalesce(left_stages.regression_count, 0) as regression_count,
    coalesce(left_stages.loss_count, 0) as loss_count,
    coalesce(left_stages.win_back_count, 0) as win_back_count,
    coalesce(passed_stages.skip_count, 0) as skip_count,
    left_stages.median_days_in_stage,
    coalesce(orders.order_count, 0) as order_count,
    coalesce(orders.net_revenue, 0) as net_revenue,
    daily.month
from daily
inner join stages
    on daily.lifecycle = stages.lifecycle
    and daily.stage = stages.stage
inner join last_ranks
    on daily.lifecycle = last_ranks.lifecycle
left join left_stages
    on daily.lifecycle = left_stages.lifecycle
    and daily.stage = left_stages.stage
    and daily.month = left_stages.month
left join passed_stages
    on daily.lifecycle = passed_stages.lifecycle
    and daily.stage = passed_stages.stage
    and daily.month = passed_stages.month
left join orders
    on daily.lifecycle = orders.lifecycle
    and daily.stage = orders.stage
    and daily.month = orders.month
