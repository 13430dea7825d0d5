with stays as (
    select
        customer_id, intervals.lifecycle, intervals.stage, stages.stage_rank, stages.is_loss,
        coalesce(not stages.is_loss and not next_stages.is_loss and next_stages.stage_rank < stages.stage_rank, false)
            as has_regressed,
        coalesce(next_stages.is_loss, false) as was_lost, is_current, duration_days, valid_from,
        first_seen_at, date_trunc('month', first_seen_at)::date as cohort_month
    from {{ ref('fct_customer_stage_intervals') }} as intervals
    inner join {{ ref('int_indicators') }} as indicators using (customer_id)
    inner join {{ ref('int_stages') }} as stages on intervals.lifecycle = stages.lifecycle and intervals.stage = stages.stage
    left join {{ ref('int_stages') }} as next_stages
        on intervals.lifecycle = next_stages.lifecycle and intervals.next_stage = next_stages.stage
),
reached as (
    select
        customer_id, lifecycle, stage, stage_rank, is_loss, cohort_month, bool_or(has_regressed) as has_regressed,
        bool_or(was_lost) as was_lost, min(valid_from) as entered_at, max(valid_from) as last_entered_at,
        floor((epoch(entered_at) - epoch(min(first_seen_at))) / 86400) as days_to_reach
    from stays
    group by customer_id, lifecycle, stage, stage_rank, is_loss, cohort_month
),
followed as (
    select
        *, max(last_entered_at) filter (not is_loss) over further > entered_at as has_converted,
        max(stage_rank) filter (not is_loss) over (partition by customer_id, lifecycle) as furthest_rank
    from reached
    window further as (
        partition by customer_id, lifecycle order by stage_rank rows between 1 following and unbounded following
    )
),
counted as (
    select
        lifecycle, stage, cohort_month, count(*) as entered_count,
        count(*) filter (has_converted) as converted_count, count(*) filter (has_regressed) as regressed_count,
        count(*) filter (was_lost) as lost_count, count(*) filter (stage_rank < furthest_rank) as passed_count,
        median(days_to_reach) as median_days_to_reach
    from followed
    group by lifecycle, stage, cohort_month
),
stayed as (
    select
        lifecycle, stage, cohort_month, count(*) filter (is_current) as current_count,
        median(duration_days) filter (not is_current) as median_days_in_stage
    from stays
    group by lifecycle, stage, cohort_month
),
-- How far customers came: who came beyond a stage was in it or skipped it.
lives as (
    select lifecycle, cohort_month, furthest_rank, count(distinct customer_id) as customer_count
    from followed
    group by lifecycle, cohort_month, furthest_rank
),
cohorts as (
    select
        lifecycle, stage, stage_rank, is_loss, cohort_month, sum(customer_count) as cohort_size,
        coalesce(sum(customer_count) filter (not is_loss and furthest_rank > stage_rank), 0) as beyond_count
    from lives
    inner join {{ ref('int_stages') }} as stages using (lifecycle)
    group by lifecycle, stage, stage_rank, is_loss, cohort_month
)
select
    lifecycle, stage, cohort_size::integer as cohort_size, coalesce(entered_count, 0)::integer as entered_count,
    coalesce(converted_count, 0)::integer as converted_count,
    case when is_loss then 0 else beyond_count - coalesce(passed_count, 0) end::integer as skipped_count,
    coalesce(regressed_count, 0)::integer as regressed_count, coalesce(lost_count, 0)::integer as lost_count,
    coalesce(current_count, 0)::integer as current_count,
    coalesce(entered_count, 0)::double / cohort_size as entered_rate,
    case when stage_rank < max(stage_rank) filter (not is_loss) over (partition by lifecycle)
        then converted_count / entered_count end as conversion_rate,
    median_days_to_reach, median_days_in_stage, cohort_month
from cohorts
left join counted using (lifecycle, stage, cohort_month)
left join stayed using (lifecycle, stage, cohort_month)
