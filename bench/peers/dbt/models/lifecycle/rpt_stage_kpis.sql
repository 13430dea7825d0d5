with daily as (
    select
        lifecycle, stage, date_trunc('month', date)::date as month, max_by(customer_count, date) as end_count,
        min_by(customer_count - entered_count + exited_count, date) as start_count, sum(entered_count) as entry_count,
        sum(exited_count) as exit_count
    from {{ ref('fct_lifecycle_stages_daily') }} as fct_lifecycle_stages_daily
    group by all
),
moves as (
    select
        lifecycle, from_stage as stage, date_trunc('month', transitioned_at)::date as month,
        count(*) filter (direction in ('forward', 'skipped')) as onward_count,
        count(*) filter (direction = 'regressed') as regression_count,
        count(*) filter (direction = 'lost') as loss_count, count(*) filter (direction = 'won_back') as win_back_count,
        median(days_in_from_stage) as median_days
    from {{ ref('fct_customer_stage_transitions') }} as fct_customer_stage_transitions
    where from_stage is not null
    group by all
),
skipping as (
    select
        lifecycle, to_stage as stage, skipped_stage_count, date_trunc('month', transitioned_at)::date as month,
        count(*) as move_count
    from {{ ref('fct_customer_stage_transitions') }} as fct_customer_stage_transitions
    where skipped_stage_count > 0
    group by all
),
skipped as (
    select skipping.lifecycle, passed.stage, month, sum(move_count) as skip_count
    from skipping
    inner join {{ ref('int_stages') }} as stages using (lifecycle, stage)
    inner join {{ ref('int_stages') }} as passed
        on skipping.lifecycle = passed.lifecycle and passed.stage_rank < stages.stage_rank
        and passed.stage_rank >= stages.stage_rank - skipped_stage_count
    group by all
),
months as (
    select
        *, stage_rank < max(stage_rank) filter (not is_loss) over (partition by lifecycle) as has_next_stage
    from daily
    inner join {{ ref('int_stages') }} as stages using (lifecycle, stage)
    left join moves using (lifecycle, stage, month)
    left join skipped using (lifecycle, stage, month)
    left join {{ ref('int_ordered_in_stages') }} as ordered_in_stages using (lifecycle, stage, month)
)
select
    lifecycle, stage,
    unnest([
        'customers_at_month_end', 'entries', 'exits', 'onward_moves', 'conversion_rate', 'skips', 'regressions',
        'losses', 'win_backs', 'median_days_in_stage', 'orders', 'net_revenue'
    ]) as indicator,
    unnest([
        'customers', 'moves', 'moves', 'moves', 'share', 'moves', 'moves', 'moves', 'moves', 'days', 'orders', 'money'
    ]) as unit,
    unnest([
        end_count, entry_count, exit_count, coalesce(onward_count, 0),
        case when has_next_stage and start_count + entry_count > 0
            then coalesce(onward_count, 0) / (start_count + entry_count) end,
        coalesce(skip_count, 0), coalesce(regression_count, 0), coalesce(loss_count, 0), coalesce(win_back_count, 0),
        median_days, coalesce(order_count, 0), coalesce(net_revenue, 0)
    ]::decimal(18, 6)[]) as value,
    month
from months
