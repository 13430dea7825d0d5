-- Grain: lifecycle, stage, month in the future. Where all stages of a lifecycle are published, the
-- expected counts of a month sum to the expected customers of the lifecycle. The interval bounds
-- are not additive. The rules are in dagster_project/forecasting/.
select
    lifecycle,
    stage,
    months_ahead,
    origin_customer_count,
    {{ quantity('expected') }} as expected_customer_count,
    {{ quantity('low') }} as expected_customer_count_low,
    {{ quantity('high') }} as expected_customer_count_high,
    known_error_count,
    method,
    reason_code,
    origin_month,
    month
from {{ source('forecast', 'stage_forecasts') }}
