-- One row per date as of which relationship strength is measured: as_of itself, and the first days
-- of past months. Orders in the `strength_horizon_days` after a past date show who returned.
-- Months, so that the weights learned from them do not change from one day to the next.
{% set most_origins = 24 %}
with thresholds as (
    select
        strength_horizon_days,
        strength_origin_months,
        strength_origin_count,
        strength_window_days
    from {{ ref('int_thresholds') }}
),

steps as (
    {%- for step in range(most_origins) %}
    select {{ step }} as step_number
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

months as (
    select {{ month_start(date_after(as_of_date(), '-strength_horizon_days')) }} as newest_month
    from thresholds
),

origins as (
    select
        {{ month_after(
            'months.newest_month',
            'cast(-steps.step_number * thresholds.strength_origin_months as integer)'
        ) }} as origin_date,
        false as is_now
    from steps
    cross join thresholds
    cross join months
    where steps.step_number < thresholds.strength_origin_count
    union all
    select
        {{ as_of_date() }} as origin_date,
        true as is_now
)

select
    origins.origin_date,
    origins.is_now,
    {{ date_after('origins.origin_date', '-thresholds.strength_window_days') }} as window_date,
    {{ date_after('origins.origin_date', 'thresholds.strength_horizon_days') }} as horizon_date
from origins
cross join thresholds
