with happened as (
    select
        coalesce(md5(contact_id), addresses.customer_id, md5(interactions.email)) as customer_id, kind as activity,
        interaction_id as subject_id, channel, campaign, null::decimal(18, 2) as amount, true as is_touch,
        kind in ('inquiry', 'chat', 'knowledge_base_view') as is_inquiry,
        coalesce(kind = 'social_post' and sentiment >= 0.3, false) as is_advocacy_signal, occurred_at
    from {{ ref('stg_interactions') }} as interactions
    left join {{ ref('int_addresses') }} as addresses on case when interactions.contact_id is null then interactions.email end = addresses.email
    where occurred_at < timestamp '{{ var("as_of") }}' and coalesce(contact_id, interactions.email) is not null
    union all
    select customer_id, 'contact_created', customer_id, acquisition_channel, null, null, true, false, false, created_at
    from {{ ref('int_contacts') }} as contacts where deleted_at is null or deleted_at >= timestamp '{{ var("as_of") }}'
    union all
    select customer_id, 'review_written', review_id, platform, null, null, true, false, is_public and rating >= 4, reviewed_at
    from {{ ref('fct_reviews') }} as fct_reviews
    union all
    select customer_id, 'order_placed', order_id, channel, null, net_amount, true, false, false, ordered_at
    from {{ ref('int_valued') }} as valued
    union all
    select customer_id, 'order_delivered', order_id, channel, null, null, false, false, false, delivered_at
    from {{ ref('int_valued') }} as valued where delivered_at is not null
    union all
    select customer_id, 'refund_issued', refund_id, channel, null, -refunds.refund_amount, false, false, false, refunded_at
    from {{ ref('int_refunds') }} as refunds
    inner join {{ ref('int_valued') }} as valued using (order_id)
)
select
    md5('generic|' || activity || '|' || subject_id) as activity_key, customer_id, 'generic' as source_system,
    activity, subject_id, channel, campaign, amount, is_touch, is_inquiry, is_advocacy_signal, occurred_at
from happened
