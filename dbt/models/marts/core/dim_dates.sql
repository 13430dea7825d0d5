-- Grain: day, from the first activity or order to the last day observed.
with bounds as (
    select
        cast(least(
            coalesce(
                (select min(occurred_at) from {{ ref('int_customer_activities') }}), {{ as_of() }}
            ),
            coalesce((select min(ordered_at) from {{ ref('int_orders_valued') }}), {{ as_of() }})
        ) as date) as first_day
),

days as (
    {{ days_spanned(
        '(select first_day from bounds)',
        'cast(' ~ days_after(as_of(), '-1') ~ ' as date)'
    ) }}
)

select
    day as date_day,
    {{ month_of('day') }} as month_start_date,
    cast(extract(year from day) as integer) as year_number,
    cast(extract(month from day) as integer) as month_number,
    cast(extract(day from day) as integer) as day_of_month
from days
