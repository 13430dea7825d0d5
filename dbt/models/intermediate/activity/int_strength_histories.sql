-- One row per date of int_strength_origins and customer who had bought by then: the inputs of
-- relationship strength as they were on that date, and whether a counted order followed within the
-- horizon (null as of now). Customer ids are pseudonyms, so the first ones are as good as a random
-- sample.
with numbered as (
    select
        customer_id,
        {{ date_of('first_order_at') }} as first_order_date,
        row_number() over (order by customer_id) as lot
    from {{ ref('int_customer_order_totals') }}
    where counted_order_count > 0
),

buyers as (
    select
        numbered.customer_id,
        origins.origin_date,
        origins.is_now,
        origins.window_date,
        origins.horizon_date
    from numbered
    cross join {{ ref('int_thresholds') }} as thresholds
    inner join {{ ref('int_strength_origins') }} as origins
        on numbered.first_order_date < origins.origin_date
    where numbered.lot <= thresholds.strength_backtest_customers
),

orders as (
    select customer_id, {{ date_of('ordered_at') }} as order_date
    from {{ ref('int_orders_numbered') }}
),

ordered as (
    select
        buyers.customer_id,
        buyers.origin_date,
        max(case when orders.order_date < buyers.origin_date then orders.order_date end)
            as last_order_date,
        sum(case
            when
                orders.order_date >= buyers.window_date
                and orders.order_date < buyers.origin_date
                then 1
            else 0
        end) as recent_order_count,
        max(case when orders.order_date >= buyers.origin_date then 1 else 0 end) as has_returned
    from buyers
    inner join orders
        on buyers.customer_id = orders.customer_id
        and buyers.horizon_date > orders.order_date
    group by buyers.customer_id, buyers.origin_date
),

touches as (
    select customer_id, {{ date_of('occurred_at') }} as touch_date
    from {{ ref('int_customer_activities') }}
    where is_touch
),

contacted as (
    select buyers.customer_id, buyers.origin_date, count(*) as recent_activity_count
    from buyers
    inner join touches
        on buyers.customer_id = touches.customer_id
        and buyers.origin_date > touches.touch_date
        and buyers.window_date <= touches.touch_date
    group by buyers.customer_id, buyers.origin_date
),

answers as (
    select customer_id, satisfaction, {{ date_of('answered_at') }} as answer_date
    from {{ ref('int_customer_answers') }}
),

answered as (
    select
        buyers.customer_id,
        buyers.origin_date,
        {{ average('answers.satisfaction') }} as satisfaction_share
    from buyers
    inner join answers
        on buyers.customer_id = answers.customer_id
        and buyers.origin_date > answers.answer_date
    group by buyers.customer_id, buyers.origin_date
),

tickets as (
    select
        customers.customer_id,
        {{ date_of('tickets.opened_at') }} as ticket_date,
        case
            when
                tickets.resolved_at
                <= {{ days_after('tickets.opened_at', 'thresholds.resolution_days') }}
                then {{ date_of('tickets.resolved_at') }}
        end as resolved_in_time_date
    from {{ ref('input_support_tickets') }} as tickets
    cross join {{ ref('int_thresholds') }} as thresholds
    inner join {{ ref('int_person_keys_resolved') }} as customers
        on tickets.person_key = customers.person_key
    where tickets.deleted_at is null
),

served as (
    select
        buyers.customer_id,
        buyers.origin_date,
        {{ average(
            'case when tickets.resolved_in_time_date < buyers.origin_date then 1 else 0 end'
        ) }}
            as service_share
    from buyers
    inner join tickets
        on buyers.customer_id = tickets.customer_id
        and buyers.origin_date > tickets.ticket_date
    group by buyers.customer_id, buyers.origin_date
)

select
    buyers.customer_id,
    buyers.origin_date,
    buyers.is_now,
    cast({{ days_between('ordered.last_order_date', 'buyers.origin_date') }} - 1 as integer)
        as days_since_last_order,
    cast(ordered.recent_order_count as integer) as recent_order_count,
    cast(coalesce(contacted.recent_activity_count, 0) as integer) as recent_activity_count,
    answered.satisfaction_share,
    served.service_share,
    case when not buyers.is_now then ordered.has_returned = 1 end as has_returned
from buyers
inner join ordered
    on buyers.customer_id = ordered.customer_id
    and buyers.origin_date = ordered.origin_date
left join contacted
    on buyers.customer_id = contacted.customer_id
    and buyers.origin_date = contacted.origin_date
left join answered
    on buyers.customer_id = answered.customer_id
    and buyers.origin_date = answered.origin_date
left join served
    on buyers.customer_id = served.customer_id
    and buyers.origin_date = served.origin_date
