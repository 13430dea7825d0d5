-- Reports by month: moves between stages, cohorts, the funnel, indicators of each stage.
create table lifecycle.rpt_stage_transition_matrix as
with moves as (
    select
        lifecycle,
        stage as from_stage,
        next_stage as to_stage,
        count(*) as move_count,
        count(distinct customer_id) as customer_count,
        cast(date_trunc('month', valid_to) as date) as month
    from lifecycle.fct_customer_stage_intervals
    where valid_to is not null
    group by all
),

-- In the stage when the month began, or entered in it.
at_risk as (
    select
        lifecycle, stage as from_stage, date_trunc('month', date)::date as month,
        min_by(customer_count - entered_count + exited_count, date) + sum(entered_count)
            as at_risk_count
    from lifecycle.fct_lifecycle_stages_daily
    group by all
)

select
    lifecycle,
    from_stage,
    to_stage,
    cast(move_count as integer) as move_count,
    cast(customer_count as integer) as customer_count,
    cast(at_risk_count as integer) as at_risk_count,
    cast(move_count as double) / sum(move_count) over (partition by lifecycle, month, from_stage)
        as probability,
    cast(move_count as double) / at_risk_count as monthly_rate,
    month
from moves
inner join at_risk using (lifecycle, from_stage, month);

create table lifecycle.fct_customer_cohorts_monthly as
with cohorts as (
    select customer_id, cast(date_trunc('month', first_order_at) as date) as cohort_month
    from indicators
    where first_order_at is not null
),

sizes as (
    select cohort_month, count(*) as cohort_size from cohorts group by cohort_month
),

bought_monthly as (
    select
        cohort_month,
        cast(date_trunc('month', ordered_at) as date) as month,
        count(distinct customer_id) as active_customers,
        sum(counted_orders.net_amount) as net_revenue
    from counted_orders
    inner join cohorts using (customer_id)
    group by all
)

select
    sizes.cohort_month,
    cast(datediff('month', sizes.cohort_month, months.month) as integer)
        as months_since_first_order,
    cast(cohort_size as integer) as cohort_size,
    cast(coalesce(active_customers, 0) as integer) as active_customers,
    cast(coalesce(active_customers, 0) as double) / cohort_size as retention_rate,
    cast(coalesce(net_revenue, 0) as decimal(18, 2)) as net_revenue,
    cast(sum(coalesce(net_revenue, 0)) over (
        partition by sizes.cohort_month order by months.month
    ) as decimal(18, 2)) as cumulative_net_revenue
from sizes
inner join (select distinct month_start_date as month from core.dim_dates) as months
    on months.month >= sizes.cohort_month
left join bought_monthly
    on sizes.cohort_month = bought_monthly.cohort_month and months.month = bought_monthly.month;

create table lifecycle.rpt_lifecycle_funnel as
with intervals_ranked as (
    select
        customer_id, intervals.lifecycle, intervals.stage, stages.stage_rank, stages.is_loss,
        coalesce(
            not stages.is_loss
            and not next_stages.is_loss
            and next_stages.stage_rank < stages.stage_rank,
            false
        )
            as has_regressed,
        coalesce(next_stages.is_loss, false) as was_lost, is_current, duration_days, valid_from,
        first_seen_at, date_trunc('month', first_seen_at)::date as cohort_month
    from lifecycle.fct_customer_stage_intervals as intervals
    inner join indicators using (customer_id)
    inner join stages on intervals.lifecycle = stages.lifecycle and intervals.stage = stages.stage
    left join stages as next_stages
        on intervals.lifecycle = next_stages.lifecycle and intervals.next_stage = next_stages.stage
),

reached as (
    select
        customer_id,
        lifecycle,
        stage,
        stage_rank,
        is_loss,
        cohort_month,
        bool_or(has_regressed) as has_regressed,
        bool_or(was_lost) as was_lost,
        min(valid_from) as entered_at,
        max(valid_from) as last_entered_at,
        floor((epoch(entered_at) - epoch(min(first_seen_at))) / 86400) as days_to_reach
    from intervals_ranked
    group by customer_id, lifecycle, stage, stage_rank, is_loss, cohort_month
),

followed as (
    select
        *, max(last_entered_at) filter (not is_loss) over further > entered_at as has_converted,
        max(stage_rank) filter (not is_loss) over (partition by customer_id, lifecycle)
            as furthest_rank
    from reached
    window further as (
        partition by customer_id, lifecycle order by stage_rank
        rows between 1 following and unbounded following
    )
),

counted as (
    select
        lifecycle, stage, cohort_month, count(*) as entered_count,
        count(*) filter (has_converted) as converted_count,
        count(*) filter (has_regressed) as regressed_count,
        count(*) filter (was_lost) as lost_count,
        count(*) filter (stage_rank < furthest_rank) as passed_count,
        median(days_to_reach) as median_days_to_reach
    from followed
    group by lifecycle, stage, cohort_month
),

lasted as (
    select
        lifecycle, stage, cohort_month, count(*) filter (is_current) as current_count,
        median(duration_days) filter (not is_current) as median_days_in_stage
    from intervals_ranked
    group by lifecycle, stage, cohort_month
),

-- How far customers came: who came beyond a stage was in it or skipped it.
progress as (
    select lifecycle, cohort_month, furthest_rank, count(distinct customer_id) as customer_count
    from followed
    group by lifecycle, cohort_month, furthest_rank
),

cohorts as (
    select
        lifecycle, stage, stage_rank, is_loss, cohort_month, sum(customer_count) as cohort_size,
        coalesce(sum(customer_count) filter (not is_loss and furthest_rank > stage_rank), 0)
            as beyond_count
    from progress
    inner join stages using (lifecycle)
    group by lifecycle, stage, stage_rank, is_loss, cohort_month
)

select
    lifecycle,
    stage,
    cohort_size::integer as cohort_size,
    coalesce(entered_count, 0)::integer as entered_count,
    coalesce(converted_count, 0)::integer as converted_count,
    case when is_loss then 0 else beyond_count - coalesce(passed_count, 0) end::integer
        as skipped_count,
    coalesce(regressed_count, 0)::integer as regressed_count,
    coalesce(lost_count, 0)::integer as lost_count,
    coalesce(current_count, 0)::integer as current_count,
    coalesce(entered_count, 0)::double / cohort_size as entered_rate,
    case when stage_rank < max(stage_rank) filter (not is_loss) over (partition by lifecycle)
        then converted_count / entered_count end as conversion_rate,
    case
        when stage_rank >= max(stage_rank) filter (not is_loss) over (partition by lifecycle)
            then 'no_next_stage'
        when entered_count is null then 'no_entries'
    end as conversion_reason,
    median_days_to_reach, median_days_in_stage, cohort_month
from cohorts
left join counted using (lifecycle, stage, cohort_month)
left join lasted using (lifecycle, stage, cohort_month);

-- Orders by the stage the customer was in just after them.
create temp table ordered_in_stages as
select
    lifecycle, stage, date_trunc('month', ordered_at)::date as month, count(*) as order_count,
    count(distinct counted_orders.customer_id) as customer_count, sum(net_amount) as net_revenue
from counted_orders
inner join lifecycle.fct_customer_stage_intervals as intervals
    on counted_orders.customer_id = intervals.customer_id and ordered_at >= valid_from
    and ordered_at < coalesce(valid_to, getvariable('as_of'))
group by all;

create table lifecycle.rpt_stage_kpis as
with daily as (
    select
        lifecycle,
        stage,
        date_trunc('month', date)::date as month,
        max_by(customer_count, date) as end_count,
        min_by(customer_count - entered_count + exited_count, date) as start_count,
        sum(entered_count) as entry_count,
        sum(exited_count) as exit_count
    from lifecycle.fct_lifecycle_stages_daily
    group by all
),

moves as (
    select
        lifecycle, from_stage as stage, date_trunc('month', transitioned_at)::date as month,
        count(*) filter (direction in ('forward', 'skipped')) as onward_count,
        count(*) filter (direction = 'regressed') as regression_count,
        count(*) filter (direction = 'lost') as loss_count,
        count(*) filter (direction = 'won_back') as win_back_count,
        median(days_in_from_stage) as median_days
    from lifecycle.fct_customer_stage_transitions
    where from_stage is not null
    group by all
),

skipping as (
    select
        lifecycle,
        to_stage as stage,
        skipped_stage_count,
        date_trunc('month', transitioned_at)::date as month,
        count(*) as move_count
    from lifecycle.fct_customer_stage_transitions
    where skipped_stage_count > 0
    group by all
),

skipped as (
    select skipping.lifecycle, passed.stage, month, sum(move_count) as skip_count
    from skipping
    inner join stages using (lifecycle, stage)
    inner join stages as passed
        on skipping.lifecycle = passed.lifecycle and passed.stage_rank < stages.stage_rank
        and passed.stage_rank >= stages.stage_rank - skipped_stage_count
    group by all
),

months as (
    select
        *,
        stage_rank < max(stage_rank) filter (not is_loss) over (partition by lifecycle)
            as has_next_stage
    from daily
    inner join stages using (lifecycle, stage)
    left join moves using (lifecycle, stage, month)
    left join skipped using (lifecycle, stage, month)
    left join ordered_in_stages using (lifecycle, stage, month)
)

select
    lifecycle, stage,
    unnest([
        'customers_at_month_end', 'entries', 'exits', 'onward_moves', 'conversion_rate', 'skips',
        'regressions', 'losses', 'win_backs', 'median_days_in_stage', 'orders', 'net_revenue'
    ]) as indicator,
    unnest([
        'customers', 'moves', 'moves', 'moves', 'share', 'moves', 'moves', 'moves', 'moves', 'days',
        'orders', 'money'
    ]) as unit,
    unnest([
        end_count, entry_count, exit_count, coalesce(onward_count, 0),
        case when has_next_stage and start_count + entry_count > 0
            then coalesce(onward_count, 0) / (start_count + entry_count) end,
        coalesce(skip_count, 0),
        coalesce(regression_count, 0),
        coalesce(loss_count, 0),
        coalesce(win_back_count, 0),
        median_days, coalesce(order_count, 0), coalesce(net_revenue, 0)
    ]::decimal(28, 6)[]) as value,
    unnest([
        null, null, null, null,
        case
            when not has_next_stage then 'no_next_stage'
            when start_count + entry_count = 0 then 'no_customers'
        end,
        null, null, null, null, if(median_days is null, 'no_exits', null), null, null
    ]) as value_reason,
    month
from months;
