-- Every currency of an order can be converted into the reporting currency. If this fails, deliver
-- currency_rates for the listed currencies, or set LIFECYCLE_CURRENCY.
{{ config(
    meta={'dagster': {'ref': {'name': 'int_exchange_rates_dated'}}, 'shows': ['currency_code', 'day_count']},
    fail_calc='coalesce(sum(day_count), 0)',
) }}
select
    rates.currency_code,
    reporting.currency_code as reporting_currency_code,
    count(*) as day_count
from {{ ref('int_exchange_rates_dated') }} as rates
cross join {{ ref('int_reporting_currency') }} as reporting
where rates.rate is null
group by rates.currency_code, reporting.currency_code
