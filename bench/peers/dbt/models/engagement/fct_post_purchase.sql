select
    order_id, 'generic' as source_system, customer_id, is_counted, false as was_thanked,
    null::integer as minutes_to_thank_you, false as was_followed_up, null::integer as hours_to_follow_up,
    0 as csat_answer_count, null::decimal(18, 6) as csat_score,
    case
        when promised_at is null then 'none'
        when delivered_at <= promised_at then 'kept'
        when delivered_at > promised_at then 'late'
        when promised_at < timestamp '{{ var("as_of") }}' then 'overdue'
        else 'open'
    end as delivery_promise,
    case when delivered_at > promised_at then floor((epoch(delivered_at) - epoch(promised_at)) / 3600) end::integer
        as hours_late,
    ordered_at, no_time as thanked_at, promised_at, delivered_at, no_time as followed_up_at
from (select *, null::timestamp as no_time from {{ ref('int_valued') }} as valued)
where status not in ('cancelled', 'failed')
