-- Grain: order of a source system that was neither cancelled nor failed. A view: int_order_messages
-- is the incremental part. The rest cannot be incremental by customer: promises are broken by the
-- passing of time, and anyone may answer a survey about an order.
{{ config(materialized='view') }}
with answers as (
    select source_system, order_id, count(*) as answer_count, sum(score) as score_sum
    from {{ ref('input_survey_responses') }}
    where
        kind = 'csat'
        and order_id is not null
        and responded_at < {{ as_of() }}
        and deleted_at is null
    group by source_system, order_id
)

select
    orders.order_id,
    orders.source_system,
    orders.customer_id,
    orders.is_counted,
    orders.thanked_at is not null as was_thanked,
    cast(
        {{ whole_quotient(
            seconds_between('orders.ordered_at', 'orders.thanked_at'), 60
        ) }} as integer
    )
        as minutes_to_thank_you,
    orders.followed_up_at is not null as was_followed_up,
    cast(
        {{ whole_quotient(
            seconds_between('orders.delivered_at', 'orders.followed_up_at'), 3600
        ) }} as integer
    )
        as hours_to_follow_up,
    cast(coalesce(answers.answer_count, 0) as integer) as csat_answer_count,
    {{ mean('answers.score_sum', 'answers.answer_count') }} as csat_score,
    case
        when orders.promised_at is null then 'none'
        when orders.delivered_at <= orders.promised_at then 'kept'
        when orders.delivered_at > orders.promised_at then 'late'
        when orders.promised_at < {{ as_of() }} then 'overdue'
        else 'open'
    end as delivery_promise,
    case
        when orders.delivered_at > orders.promised_at
            then cast(
                    {{ whole_quotient(
                        seconds_between('orders.promised_at', 'orders.delivered_at'), 3600
                    ) }} as integer
                )
    end as hours_late,
    orders.ordered_at,
    orders.thanked_at,
    orders.promised_at,
    orders.delivered_at,
    orders.followed_up_at
from {{ ref('int_order_messages') }} as orders
left join answers
    on orders.source_system = answers.source_system
    and orders.order_id = answers.order_id
