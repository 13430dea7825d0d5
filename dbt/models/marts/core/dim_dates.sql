-- Grain: day, from the first activity or order to the last day observed.
with bounds as (
    select
        least(
            coalesce(
                (
                    select {{ date_of('min(occurred_at)') }}
                    from {{ ref('int_customer_activities') }}
                ),
                {{ as_of_date() }}
            ),
            coalesce(
                (select {{ date_of('min(ordered_at)') }} from {{ ref('int_orders_valued') }}),
                {{ as_of_date() }}
            )
        ) as first_day
),

days as (
    {{ days_spanned(
        '(select first_day from bounds)',
        date_after(as_of_date(), -1)
    ) }}
)

select
    day as date_day,
    {{ month_start('day') }} as month_start_date,
    cast(extract(year from day) as integer) as year_number,
    cast(extract(month from day) as integer) as month_number,
    cast(extract(day from day) as integer) as day_of_month
from days
