-- An order without an amount in header, lines or payments does not count: it is missing, not 0. A
-- warning with how many there are, per system.
{{ config(
    meta={'dagster': {'ref': {'name': 'fct_orders'}}, 'shows': ['source_system', 'order_count']},
    fail_calc='coalesce(sum(order_count), 0)',
    severity='warn',
) }}
select
    source_system,
    count(*) as order_count
from {{ ref('fct_orders') }}
where items_amount is null
group by source_system
