select
    day::date as date_day,
    date_trunc('month', day)::date as month_start_date,
    year(day)::integer as year_number,
    month(day)::integer as month_number,
    day(day)::integer as day_of_month
from generate_series(
    (select date_trunc('day', min(occurred_at)) from {{ ref('fct_customer_activities') }} as fct_customer_activities),
    timestamp '{{ var("as_of") }}' - interval 1 day,
    interval 1 day
) as days (day)
