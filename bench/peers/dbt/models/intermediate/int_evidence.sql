with records as (
    select customer_id, activity, occurred_at, activity_key from {{ ref('fct_customer_activities') }} as fct_customer_activities
    union all
    select customer_id, 'lapse_window_ended', lapse_ends_at, md5('generic|order_placed|' || order_id)
    from {{ ref('int_numbered') }} as numbered where next_ordered_at is null or next_ordered_at > lapse_ends_at
    union all
    select customer_id, 'loyalty_window_ended', ordered_at + interval 365 day, md5('generic|order_placed|' || order_id)
    from {{ ref('int_numbered') }} as numbered
)
select stays.customer_id, lifecycle, valid_from, min(activity_key) as evidence_activity_key
from records
inner join {{ ref('int_stays') }} as stays
    on records.customer_id = stays.customer_id and records.activity = stays.entered_by
    and records.occurred_at = stays.valid_from
group by stays.customer_id, lifecycle, valid_from
