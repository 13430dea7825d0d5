with actual as (
    select lifecycle, month, to_stage as stage, sum(customer_count) as customer_count from {{ ref('int_month_moves') }} as month_moves group by all
),
compared as (
    select forecasts.*, coalesce(customer_count, 0) as actual_count
    from {{ ref('int_forecasts') }} as forecasts
    left join actual using (lifecycle, month, stage)
),
learned as (
    select
        origins.lifecycle, origins.origin_month, count(variance) as error_count,
        coalesce(greatest(
            sum((pow(expected_count - actual_count, 2) / variance - 1) * months_ahead) / sum(months_ahead * months_ahead), 0
        ), 0) as excess
    from (select distinct lifecycle, origin_month from {{ ref('int_forecasts') }} as forecasts) as origins
    left join compared
        on origins.lifecycle = compared.lifecycle and compared.month <= origins.origin_month and variance >= 0.01
    group by all
)
select
    lifecycle, stage, months_ahead, origin_customer_count::integer as origin_customer_count,
    expected_count::decimal(18, 6) as expected_customer_count,
    greatest(expected_count - 1.2816 * sqrt(variance * (1 + excess * months_ahead)), 0)::decimal(18, 6)
        as expected_customer_count_low,
    (expected_count + 1.2816 * sqrt(variance * (1 + excess * months_ahead)))::decimal(18, 6)
        as expected_customer_count_high,
    error_count::integer as known_error_count, actual_count::integer as actual_customer_count, origin_month, month,
    max(origin_month) over () as newest_month
from compared
inner join learned using (lifecycle, origin_month)
