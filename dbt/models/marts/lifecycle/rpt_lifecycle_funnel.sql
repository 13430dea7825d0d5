-- Grain: lifecycle, cohort month (of the first touch), stage. Counts customers, each once a stage, so they add
-- up over cohorts and not over stages. Young cohorts have had less time: compare cohorts of like age.
with reached as (
    select
        customer_id,
        lifecycle,
        stage,
        rank,
        is_loss,
        has_converted,
        has_regressed,
        was_lost,
        days_to_reach,
        cohort_month
    from {{ ref('int_customer_stages_reached') }}
),

furthest as (
    select
        customer_id,
        lifecycle,
        cohort_month,
        max(case when is_loss then 0 else rank end) as furthest_rank
    from reached
    group by customer_id, lifecycle, cohort_month
),

-- Every customer with every stage of the lifecycle, whether or not they were in it.
lives as (
    select
        furthest.customer_id,
        furthest.lifecycle,
        furthest.cohort_month,
        furthest.furthest_rank,
        stages.stage,
        stages.rank,
        stages.is_loss
    from furthest
    inner join {{ ref('dim_lifecycle_stages') }} as stages
        on furthest.lifecycle = stages.lifecycle
),

counted as (
    select
        lives.lifecycle,
        lives.cohort_month,
        lives.stage,
        lives.rank,
        count(*) as cohort_size,
        count(reached.customer_id) as entered_count,
        sum(case when reached.has_converted then 1 else 0 end) as converted_count,
        sum(case
            when reached.customer_id is null and not lives.is_loss and lives.rank < lives.furthest_rank then 1
            else 0
        end) as skipped_count,
        sum(case when reached.has_regressed then 1 else 0 end) as regressed_count,
        sum(case when reached.was_lost then 1 else 0 end) as lost_count,
        {{ median('reached.days_to_reach') }} as median_days_to_reach
    from lives
    left join reached
        on lives.customer_id = reached.customer_id
        and lives.lifecycle = reached.lifecycle
        and lives.stage = reached.stage
    group by lives.lifecycle, lives.cohort_month, lives.stage, lives.rank
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

stayed as (
    select
        furthest.lifecycle,
        furthest.cohort_month,
        intervals.stage,
        sum(case when intervals.is_current then 1 else 0 end) as current_count,
        {{ median('case when not intervals.is_current then intervals.duration_days end') }}
            as median_days_in_stage
    from intervals
    inner join furthest
        on intervals.customer_id = furthest.customer_id
        and intervals.lifecycle = furthest.lifecycle
    group by furthest.lifecycle, furthest.cohort_month, intervals.stage
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
    cast(coalesce(stayed.current_count, 0) as integer) as current_count,
    cast(counted.entered_count as double) / counted.cohort_size as entered_rate,
    case
        when counted.rank < last_ranks.last_rank and counted.entered_count > 0
            then cast(counted.converted_count as double) / counted.entered_count
    end as conversion_rate,
    counted.median_days_to_reach,
    stayed.median_days_in_stage,
    counted.cohort_month
from counted
inner join last_ranks
    on counted.lifecycle = last_ranks.lifecycle
left join stayed
    on counted.lifecycle = stayed.lifecycle
    and counted.cohort_month = stayed.cohort_month
    and counted.stage = stayed.stage
