with instants as (
    select
        customer_id, moment, min(why) as why, bool_or(why = 5) as has_review, bool_or(why = 8) as has_post,
        bool_or(why = 17) as has_contact, sum(placed) as placed, sum(delivered) as delivered, sum(open) as open,
        sum(counted) as counted, sum(windowed) as windowed, sum(lapsed) as lapsed, sum(inquiries) as inquiries,
        sum(signals) as signals, sum(bad) as bad
    from {{ ref('int_changes') }} as changes
    group by customer_id, moment
)
select
    customer_id, moment, why, has_review, has_post, has_contact,
    sum(placed) over past as placed, sum(delivered) over past as delivered, sum(open) over past as open,
    sum(counted) over past as counted, sum(windowed) over past as windowed, sum(lapsed) over past as lapsed,
    sum(inquiries) over past as inquiries, sum(signals) over past as signals, sum(bad) over past as bad
from instants
window past as (partition by customer_id order by moment rows unbounded preceding)
