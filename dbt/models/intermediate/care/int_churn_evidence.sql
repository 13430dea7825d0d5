-- One row per lost interval and piece of evidence for a reason. Evidence is taken from
-- churn_evidence_days before the last counted order until the loss. Reasons that the CRM states are
-- taken until the customer came back.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with intervals as (
    select
        intervals.customer_id,
        intervals.entry_number,
        intervals.order_count_at_loss,
        intervals.is_current,
        intervals.last_order_source_system,
        intervals.last_order_id,
        {{ days_after('intervals.last_order_at', '-thresholds.churn_evidence_days') }}
            as evidence_from,
        intervals.last_order_at,
        intervals.lost_at,
        coalesce(intervals.returned_at, {{ as_of() }}) as interval_ends_at
    from {{ ref('int_lost_intervals') }} as intervals
    cross join {{ ref('int_thresholds') }} as thresholds
    where true {{ only_affected('intervals.customer_id', 'int_affected_customers') }}
),

exit_reasons as (
    select
        {{ word_key('delivered_reason') }} as reason_key,
        min(reason) as reason
    from {{ ref('exit_reasons') }}
    group by {{ word_key('delivered_reason') }}
),

-- In some CRMs a contact's id is an e-mail address, so the id here is the pseudonym of the
-- activity.
statements as (
    select
        customers.customer_id,
        coalesce(exit_reasons.reason, 'stated_other') as reason,
        contacts.source_system,
        {{ pseudonym(
            dbt.concat(["'contact:'", 'contacts.source_system', "':'", 'contacts.contact_id']),
            'pseudonym_key.inner_pad', 'pseudonym_key.outer_pad'
        ) }} as subject_id,
        contacts.exited_at
    from {{ ref('input_contacts') }} as contacts
    cross join {{ source('ingest', 'pseudonym_key') }} as pseudonym_key
    inner join {{ ref('int_person_keys_resolved') }} as customers
        on contacts.person_key = customers.person_key
    left join exit_reasons
        on {{ word_key('contacts.exit_reason') }} = exit_reasons.reason_key
    where
        contacts.exit_reason is not null
        and contacts.created_at < {{ as_of() }}
        and (contacts.deleted_at is null or contacts.deleted_at >= {{ as_of() }})
        and (contacts.exited_at is null or contacts.exited_at < {{ as_of() }})
),

stated as (
    select
        intervals.customer_id, intervals.entry_number, statements.reason,
        'contact_created' as activity, statements.source_system, statements.subject_id,
        statements.exited_at as evidence_at
    from intervals
    inner join statements
        on intervals.customer_id = statements.customer_id
        and (
            (statements.exited_at is null and intervals.is_current)
            or (
                intervals.last_order_at <= statements.exited_at
                and intervals.interval_ends_at > statements.exited_at
            )
        )
),

happened as (
    select
        intervals.customer_id, intervals.entry_number,
        case activities.activity when 'refund_issued' then 'refund' else 'negative_opinion' end
            as reason,
        activities.activity, activities.source_system, activities.subject_id,
        activities.occurred_at as evidence_at
    from intervals
    inner join {{ ref('int_customer_activities') }} as activities
        on intervals.customer_id = activities.customer_id
        and intervals.evidence_from <= activities.occurred_at
        and intervals.lost_at > activities.occurred_at
    where
        (activities.activity = 'refund_issued' or activities.is_negative_opinion)
        {{ only_affected('activities.customer_id', 'int_affected_customers') }}
),

late as (
    select
        intervals.customer_id, intervals.entry_number, 'late_delivery' as reason,
        'order_delivered' as activity, orders.source_system, orders.order_id as subject_id,
        orders.delivered_at as evidence_at
    from intervals
    inner join {{ ref('int_orders_valued') }} as orders
        on intervals.customer_id = orders.customer_id
        and intervals.evidence_from <= orders.delivered_at
        and intervals.lost_at > orders.delivered_at
    where
        orders.delivered_at > orders.promised_at
        {{ only_affected('orders.customer_id', 'int_affected_customers') }}
),

unresolved as (
    select
        intervals.customer_id, intervals.entry_number, 'unresolved_ticket' as reason,
        'ticket_opened' as activity, tickets.source_system, tickets.ticket_id as subject_id,
        tickets.opened_at as evidence_at
    from intervals
    inner join {{ ref('int_person_keys_resolved') }} as customers
        on intervals.customer_id = customers.customer_id
    inner join {{ ref('input_support_tickets') }} as tickets
        on customers.person_key = tickets.person_key
        and intervals.evidence_from <= tickets.opened_at
        and intervals.lost_at > tickets.opened_at
    where
        tickets.deleted_at is null
        and (tickets.resolved_at is null or tickets.resolved_at >= intervals.lost_at)
),

-- Either most orders up to the loss had discounts, or most but the last.
priced as (
    select
        intervals.customer_id, intervals.entry_number, 'price' as reason,
        'order_placed' as activity, numbered.source_system, numbered.order_id as subject_id,
        numbered.ordered_at as evidence_at
    from intervals
    inner join {{ ref('int_driver_orders_observed') }} as last_orders
        on intervals.last_order_source_system = last_orders.source_system
        and intervals.last_order_id = last_orders.order_id
    inner join {{ ref('int_orders_numbered') }} as numbered
        on intervals.customer_id = numbered.customer_id
        and intervals.order_count_at_loss >= numbered.customer_order_number
        {{ only_affected('numbered.customer_id', 'int_affected_customers') }}
    inner join {{ ref('int_orders_valued') }} as orders
        on numbered.source_system = orders.source_system
        and numbered.order_id = orders.order_id
    where
        last_orders.has_price
        and orders.discount_amount > 0
        {{ only_affected('last_orders.customer_id', 'int_affected_customers') }}
),

explained as (
    {%- for relation in ['stated', 'happened', 'late', 'unresolved', 'priced'] %}
    select * from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

known as (
    select distinct customer_id, entry_number from explained
)

select * from explained
union all
select
    intervals.customer_id,
    intervals.entry_number,
    'silence' as reason,
    'order_placed' as activity,
    intervals.last_order_source_system as source_system,
    intervals.last_order_id as subject_id,
    intervals.last_order_at as evidence_at
from intervals
left join known
    on intervals.customer_id = known.customer_id
    and intervals.entry_number = known.entry_number
where known.customer_id is null
