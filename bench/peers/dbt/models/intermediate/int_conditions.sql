with signals as (
    select
        customer_id, 'asked_without_answer' as condition, activity, activity_key, occurred_at,
        activity <> 'inquiry' as is_settling
    from {{ ref('fct_customer_activities') }} as fct_customer_activities
    where activity in ('inquiry', 'chat', 'order_placed')
    union all
    select
        customer_id, 'delivered_without_review', activity, activity_key, occurred_at, activity = 'review_written'
    from {{ ref('fct_customer_activities') }} as fct_customer_activities
    where activity in ('order_delivered', 'review_written')
    union all
    select customer_id, 'complained', 'review_written', md5('generic|review_written|' || review_id), reviewed_at, false
    from {{ ref('fct_reviews') }} as fct_reviews where rating <= 2
    union all
    select customer_id, 'complained', activity, activity_key, occurred_at, true
    from {{ ref('fct_customer_activities') }} as fct_customer_activities
    semi join (from {{ ref('fct_reviews') }} as fct_reviews where rating <= 2) as complaints using (customer_id)
    where activity = 'order_placed'
),
turns as (
    select * from signals
    qualify is_settling <> lag(is_settling, 1, true) over (
        partition by customer_id, condition order by occurred_at, is_settling, activity_key
    )
)
select * exclude (is_settling, occurred_at), occurred_at as holds_from, settled_at as holds_to
from (
    select *, lead(occurred_at) over (
        partition by customer_id, condition order by occurred_at, is_settling, activity_key
    ) as settled_at
    from turns
)
where not is_settling and (settled_at is null or settled_at > occurred_at)
