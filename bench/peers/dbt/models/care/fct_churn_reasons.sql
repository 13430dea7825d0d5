with events as (
    select customer_id, 'negative_opinion' as reason, 'review_written' as activity, review_id as subject_id,
        reviewed_at as evidence_at
    from {{ ref('fct_reviews') }} as fct_reviews where rating <= 2
    union all
    select customer_id, 'refund', activity, subject_id, occurred_at
    from {{ ref('fct_customer_activities') }} as fct_customer_activities where activity = 'refund_issued'
    union all
    select customer_id, 'late_delivery', 'order_delivered', order_id, delivered_at
    from {{ ref('int_valued') }} as valued where delivered_at > promised_at
),
found as (
    select
        lost_stays.customer_id, entry_number, reason, activity, max_by(subject_id, evidence_at) as subject_id,
        count(*) as evidence_count, max(evidence_at) as evidence_at
    from events
    inner join {{ ref('int_lost_stays') }} as lost_stays
        on events.customer_id = lost_stays.customer_id and evidence_at >= last_order_at - interval 90 day
        and evidence_at < lost_at
    group by lost_stays.customer_id, entry_number, reason, activity
    union all
    -- Bought at discounts up to the end, or until the last order, which had none.
    select
        lost_stays.customer_id, entry_number, 'price', 'order_placed', max_by(order_id, order_number),
        max(discounted_count), max(ordered_at)
    from {{ ref('int_lost_stays') }} as lost_stays
    inner join {{ ref('int_numbered') }} as numbered
        on lost_stays.customer_id = numbered.customer_id and order_number <= order_count_at_loss
    where is_discounted and (
        (order_count_at_loss >= 2 and discounted_count >= 0.75 * order_count_at_loss)
        or (order_count_at_loss >= 3 and not was_last_discounted and discounted_count >= 0.75 * (order_count_at_loss - 1))
    )
    group by lost_stays.customer_id, entry_number
),
explained as (
    from found
    union all
    select customer_id, entry_number, 'silence', 'order_placed', last_order_id, 1, last_order_at
    from {{ ref('int_lost_stays') }} as lost_stays anti join found using (customer_id, entry_number)
)
select
    customer_id, entry_number, reason,
    (row_number() over (partition by customer_id, entry_number order by strength_rank))::integer as reason_rank,
    is_stated, activity as evidence_activity, 'generic' as evidence_source_system, subject_id as evidence_subject_id,
    evidence_count::integer as evidence_count, value_at_stake, 'EUR' as currency_code, returned_at is null as is_current,
    evidence_at, lost_at, returned_at
from explained
inner join {{ ref('int_lost_stays') }} as lost_stays using (customer_id, entry_number)
inner join {{ ref('stg_churn_reasons') }} as reasons using (reason)
