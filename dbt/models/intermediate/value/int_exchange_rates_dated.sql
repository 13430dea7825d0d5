-- One row per currency and day on which an amount is converted: the latest rate on or before that
-- day, or the first rate for days before it.
with orders as (
    select
        source_system,
        order_id,
        currency_code,
        {{ date_of('ordered_at') }} as order_date
    from {{ ref('int_orders_totalled') }}
),

reporting as (
    select currency_code from {{ ref('int_reporting_currency') }}
),

rates as (
    select
        currency_code,
        rate_date,
        min(rate) as rate
    from {{ ref('input_currency_rates') }}
    where
        rate_date < {{ as_of_date() }}
        and deleted_at is null
    group by currency_code, rate_date
),

needed as (
    select
        currency_code,
        order_date as rate_date
    from orders
    union
    select
        coalesce(orders.currency_code, refunds.currency_code, reporting.currency_code)
            as currency_code,
        {{ date_of('refunds.refunded_at') }} as rate_date
    from {{ ref('input_refunds') }} as refunds
    cross join reporting
    left join orders
        on refunds.source_system = orders.source_system
        and refunds.order_id = orders.order_id
    where
        refunds.refunded_at < {{ as_of() }}
        and refunds.deleted_at is null
),

days as (
    select currency_code, rate_date from needed
    union
    select currency_code, rate_date from rates
),

latest as (
    select
        days.currency_code,
        days.rate_date,
        coalesce(
            max(rates.rate_date) over (
                partition by days.currency_code
                order by days.rate_date
                rows between unbounded preceding and current row
            ),
            min(rates.rate_date) over (partition by days.currency_code)
        ) as known_date
    from days
    left join rates
        on days.currency_code = rates.currency_code
        and days.rate_date = rates.rate_date
)

select
    latest.currency_code,
    latest.rate_date,
    case
        when latest.currency_code = reporting.currency_code then {{ exchange_rate('1') }}
        else rates.rate
    end as rate
from latest
cross join reporting
left join rates
    on latest.currency_code = rates.currency_code
    and latest.known_date = rates.rate_date
