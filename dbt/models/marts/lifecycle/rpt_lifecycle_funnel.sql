-- Grain: lifecycle, cohort month (of the first touch), stage. A customer counts once per stage, so
-- counts are additive over cohorts and not over stages. Young cohorts have had less time: compare
-- cohorts of similar age.
with entered as (
    select
        lifecycle,
        cohort_month,
        stage,
        count(*) as entered_count,
        sum(case when has_converted then 1 else 0 end) as converted_count,
        sum(case when not is_loss and rank < furthest_rank then 1 else 0 end) as passed_count,
        sum(case when has_regressed then 1 else 0 end) as regressed_count,
        sum(case when was_lost then 1 else 0 end) as lost_count,
        {{ median('days_to_reach') }} as median_days_to_reach
    from {{ ref('int_customer_stages_reached') }}
    group by lifecycle, cohort_month, stage
),

cohorts as (
    select lifecycle, cohort_month, furthest_rank, count(*) as customer_count
    from {{ ref('int_customer_stages_reached') }}
    where is_first
    group by lifecycle, cohort_month, furthest_rank
),

-- Every stage of the lifecycle, even if no one of the cohort was in it. A customer who reached a
-- further stage has passed it, or skipped it if never in it.
passed as (
    select
        cohorts.lifecycle,
        cohorts.cohort_month,
        stages.stage,
        stages.rank,
        sum(cohorts.customer_count) as cohort_size,
        sum(case
            when not stages.is_loss and stages.rank < cohorts.furthest_rank
                then cohorts.customer_count
            else 0
        end) as passed_count
    from cohorts
    inner join {{ ref('dim_lifecycle_stages') }} as stages
        on cohorts.lifecycle = stages.lifecycle
    group by cohorts.lifecycle, cohorts.cohort_month, stages.stage, stages.rank
),

counted as (
    select
        passed.lifecycle,
        passed.cohort_month,
        passed.stage,
        passed.rank,
        passed.cohort_size,
        coalesce(entered.entered_count, 0) as entered_count,
        coalesce(entered.converted_count, 0) as converted_count,
        passed.passed_count - coalesce(entered.passed_count, 0) as skipped_count,
        coalesce(entered.regressed_count, 0) as regressed_count,
        coalesce(entered.lost_count, 0) as lost_count,
        entered.median_days_to_reach
    from passed
    left join entered
        on passed.lifecycle = entered.lifecycle
        and passed.cohort_month = entered.cohort_month
        and passed.stage = entered.stage
),

intervals as (
    select
        customer_id,
        lifecycle,
        stage,
        duration_days,
        is_current
    from {{ ref('fct_customer_stage_intervals') }}
),

durations as (
    select
        reached.lifecycle,
        reached.cohort_month,
        intervals.stage,
        sum(case when intervals.is_current then 1 else 0 end) as current_count,
        {{ median('case when not intervals.is_current then intervals.duration_days end') }}
            as median_days_in_stage
    from intervals
    inner join {{ ref('int_customer_stages_reached') }} as reached
        on intervals.customer_id = reached.customer_id
        and intervals.lifecycle = reached.lifecycle
    where reached.is_first
    group by reached.lifecycle, reached.cohort_month, intervals.stage
),

last_ranks as (
    select lifecycle, max(rank) as last_rank
    from {{ ref('dim_lifecycle_stages') }}
    where not is_loss
    group by lifecycle
)

select
    counted.lifecycle,
    counted.stage,
    cast(counted.cohort_size as integer) as cohort_size,
    cast(counted.entered_count as integer) as entered_count,
    cast(counted.converted_count as integer) as converted_count,
    cast(counted.skipped_count as integer) as skipped_count,
    cast(counted.regressed_count as integer) as regressed_count,
    cast(counted.lost_count as integer) as lost_count,
    cast(coalesce(durations.current_count, 0) as integer) as current_count,
    cast(counted.entered_count as double) / counted.cohort_size as entered_rate,
    case
        when counted.rank < last_ranks.last_rank and counted.entered_count > 0
            then cast(counted.converted_count as double) / counted.entered_count
    end as conversion_rate,
    case
        when counted.rank >= last_ranks.last_rank then 'no_next_stage'
        when counted.entered_count = 0 then 'no_entries'
    end as conversion_reason,
    counted.median_days_to_reach,
    durations.median_days_in_stage,
    counted.cohort_month
from counted
inner join last_ranks
    on counted.lifecycle = last_ranks.lifecycle
left join durations
    on counted.lifecycle = durations.lifecycle
    and counted.cohort_month = durations.cohort_month
    and counted.stage = durations.stage
