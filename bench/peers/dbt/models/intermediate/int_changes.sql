select customer_id, ordered_at as moment, 1 as why, 1 as placed, 0 as delivered,
    case when delivered_at is null or delivered_at > ordered_at then 1 else 0 end * (status not in ('cancelled', 'failed'))::integer as open,
    0 as counted, 0 as windowed, 0 as lapsed, 0 as inquiries, 0 as signals, 0 as bad
from {{ ref('int_valued') }} as valued
union all
select customer_id, delivered_at, 2, 0, 1, case when delivered_at > ordered_at then -1 else 0 end, 0, 0, 0, 0, 0, 0
from {{ ref('int_valued') }} as valued where delivered_at is not null
union all
select customer_id, ordered_at, 1, 0, 0, 0, 1, 1,
    case when lag(lapse_ends_at) over (partition by customer_id order by order_number) < ordered_at then -1 else 0 end, 0, 0, 0
from {{ ref('int_numbered') }} as numbered
union all
select customer_id, ordered_at + interval 365 day, 35, 0, 0, 0, 0, -1, 0, 0, 0, 0
from {{ ref('int_numbered') }} as numbered where ordered_at + interval 365 day < timestamp '{{ var("as_of") }}'
union all
select customer_id, lapse_ends_at, 34, 0, 0, 0, 0, 0, 1, 0, 0, 0
from {{ ref('int_numbered') }} as numbered where lapse_ends_at < timestamp '{{ var("as_of") }}' and (next_ordered_at is null or next_ordered_at > lapse_ends_at)
union all
select customer_id, occurred_at, rank, 0, 0, 0, 0, 0, 0, is_inquiry::integer, is_advocacy_signal::integer, 0
from {{ ref('fct_customer_activities') }} as fct_customer_activities inner join {{ ref('int_activities') }} as activities using (activity) where is_inquiry or is_advocacy_signal
union all
select customer_id, reviewed_at, 5, 0, 0, 0, 0, 0, 0, 0, 0,
    bad - lag(bad, 1, 0) over (partition by customer_id order by reviewed_at)
from (
    select customer_id, reviewed_at, max((rating <= 2)::integer) as bad from {{ ref('fct_reviews') }} as fct_reviews group by customer_id, reviewed_at
)
union all
select
    customer_id, make_timestamp(first_touch // 64), if(first_touch % 64 = 0, 17, first_touch % 64), 0, 0, 0, 0, 0, 0, 0, 0, 0
from (
    -- The first instant and what happened then, in one number; a contact explains a first touch best.
    select customer_id, min(epoch_us(occurred_at) * 64 + if(rank = 17, 0, rank)) as first_touch
    from {{ ref('fct_customer_activities') }} as fct_customer_activities inner join {{ ref('int_activities') }} as activities using (activity) where is_touch group by customer_id
)
