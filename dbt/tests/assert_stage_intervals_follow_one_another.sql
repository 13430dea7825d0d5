-- From the first touch on, a customer is in exactly one stage of each lifecycle at every instant,
-- and each interval names its neighbours correctly.
{{ config(
    meta={'dagster': {'ref': {'name': 'fct_customer_stage_intervals'}}, 'shows': ['lifecycle', 'violation', 'occurrence_count']},
    fail_calc='coalesce(sum(occurrence_count), 0)',
) }}
with intervals as (
    select
        customer_id,
        lifecycle,
        stage,
        previous_stage,
        next_stage,
        entry_number,
        is_current,
        valid_from,
        valid_to,
        row_number() over (
            partition by customer_id, lifecycle order by valid_from, valid_to
        ) as position,
        row_number() over (
            partition by customer_id, lifecycle, stage order by valid_from, valid_to
        ) as stage_position,
        lag(valid_to) over (
            partition by customer_id, lifecycle order by valid_from, valid_to
        ) as valid_to_before,
        lag(stage) over (
            partition by customer_id, lifecycle order by valid_from, valid_to
        ) as stage_before,
        lead(stage) over (
            partition by customer_id, lifecycle order by valid_from, valid_to
        ) as stage_after
    from {{ ref('fct_customer_stage_intervals') }}
    where true {{ of_affected_customers('customer_id') }}
),

lives as (
    select
        intervals.customer_id,
        intervals.lifecycle,
        min(intervals.valid_from) as first_valid_from,
        sum(case when intervals.is_current then 1 else 0 end) as current_count
    from intervals
    group by intervals.customer_id, intervals.lifecycle
),

lifecycles as (
    select distinct lifecycle from {{ ref('dim_lifecycle_stages') }}
),

violations as (
    select
        lifecycle,
        case
            when valid_to <= valid_from then 'ends before it begins'
            when is_current <> (valid_to is null) then 'is_current differs from an open end'
            when position > 1 and (valid_from is distinct from valid_to_before)
                then 'gap or overlap'
            when stage = stage_before then 'same stage as before'
            when (previous_stage is distinct from stage_before) then 'previous_stage'
            when (next_stage is distinct from stage_after) then 'next_stage'
            when entry_number <> stage_position then 'entry_number'
        end as violation
    from intervals
    union all
    select
        lives.lifecycle,
        case
            when lives.current_count <> 1 then 'not exactly one current interval'
            when (customers.first_seen_at is distinct from lives.first_valid_from)
                then 'does not start at the first touch'
        end as violation
    from lives
    left join {{ ref('dim_customers') }} as customers
        on lives.customer_id = customers.customer_id
    union all
    select
        lifecycles.lifecycle,
        'customers without a stage' as violation
    from {{ ref('dim_customers') }} as customers
    cross join lifecycles
    left join lives
        on customers.customer_id = lives.customer_id
        and lifecycles.lifecycle = lives.lifecycle
    where
        lives.customer_id is null
        {{ of_affected_customers('customers.customer_id') }}
)

select lifecycle, violation, count(*) as occurrence_count
from violations
where violation is not null
group by lifecycle, violation
