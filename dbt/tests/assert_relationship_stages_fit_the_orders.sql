-- The current relationship stage equals a second derivation, from orders and lapse windows alone,
-- without states and change points. Change this test together with the predicates in
-- dbt/lifecycles.yml.
{{ config(
    meta={'dagster': {'ref': {'name': 'dim_customers'}}, 'shows': ['shown_stage', 'expected_stage', 'customer_count']},
    fail_calc='coalesce(sum(customer_count), 0)',
) }}
with thresholds as (
    select loyal_order_count, loyal_window_days from {{ ref('int_thresholds') }}
),

orders as (
    select
        orders.customer_id,
        count(*) as order_count,
        max(
            case when orders.next_ordered_at is null then orders.lapse_ends_at end
        ) as last_lapse_ends_at,
        sum(
            case
                when orders.ordered_at >= {{ days_after(as_of(), '-thresholds.loyal_window_days') }}
                    then 1
                else 0
            end
        ) as window_order_count
    from {{ ref('int_orders_numbered') }} as orders
    cross join thresholds
    group by orders.customer_id
),

-- The build ends just before as_of: a window that ends exactly at as_of has not ended.
expected as (
    select
        customers.customer_id,
        customers.relationship_stage,
        case
            when orders.customer_id is null then 'prospect'
            when orders.last_lapse_ends_at < {{ as_of() }} then 'lost'
            when orders.window_order_count >= thresholds.loyal_order_count then 'loyal'
            when orders.order_count >= 2 then 'repeat_purchase'
            else 'first_purchase'
        end as expected_stage
    from {{ ref('dim_customers') }} as customers
    cross join thresholds
    left join orders
        on customers.customer_id = orders.customer_id
)

select
    relationship_stage as shown_stage,
    expected_stage,
    count(*) as customer_count
from expected
where relationship_stage is distinct from expected_stage
group by relationship_stage, expected_stage
