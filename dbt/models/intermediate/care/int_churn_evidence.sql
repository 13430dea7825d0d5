-- One row per lost stay and piece of evidence of a reason for leaving: from churn_evidence_days before the last
-- order that counts until the customer was lost; what the CRM states, until they came back.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with stays as (
    select
        stays.customer_id,
        stays.entry_number,
        stays.order_count_at_loss,
        stays.is_current,
        stays.last_order_source_system,
        stays.last_order_id,
        {{ days_after('stays.last_order_at', '-thresholds.churn_evidence_days') }} as evidence_from,
        stays.last_order_at,
        stays.lost_at,
        coalesce(stays.returned_at, {{ as_of() }}) as interval_ends_at,
        thresholds.churn_discount_share,
        thresholds.churn_discount_minimum_orders
    from {{ ref('int_lost_intervals') }} as stays
    cross join {{ ref('int_thresholds') }} as thresholds
    where true {{ only_affected('stays.customer_id', 'int_affected_customers') }}
),

-- A contact's id may be an e-mail in some CRM, so it is the pseudonym that activities show.
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
    left join {{ ref('exit_reasons') }} as exit_reasons
        on contacts.exit_reason = exit_reasons.delivered_reason
    where
        contacts.exit_reason is not null
        and contacts.created_at < {{ as_of() }}
        and (contacts.deleted_at is null or contacts.deleted_at >= {{ as_of() }})
        and (contacts.exited_at is null or contacts.exited_at < {{ as_of() }})
),

stated as (
    select
        stays.customer_id, stays.entry_number, statements.reason, 'contact_created' as activity,
        statements.source_system, statements.subject_id, statements.exited_at as evidence_at
    from stays
    inner join statements
        on stays.customer_id = statements.customer_id
        and (
            (statements.exited_at is null and stays.is_current)
            or (statements.exited_at >= stays.last_order_at and statements.exited_at < stays.interval_ends_at)
        )
),

happened as (
    select
        stays.customer_id, stays.entry_number,
        case activities.activity when 'refund_issued' then 'refund' else 'negative_opinion' end as reason,
        activities.activity, activities.source_system, activities.subject_id,
        activities.occurred_at as evidence_at
    from stays
    inner join {{ ref('int_customer_activities') }} as activities
        on stays.customer_id = activities.customer_id
        and stays.evidence_from <= activities.occurred_at
        and stays.lost_at > activities.occurred_at
    where
        (activities.activity = 'refund_issued' or activities.is_negative_opinion)
        {{ only_affected('activities.customer_id', 'int_affected_customers') }}
),

late as (
    select
        stays.customer_id, stays.entry_number, 'late_delivery' as reason,
        'order_delivered' as activity, orders.source_system, orders.order_id as subject_id,
        orders.delivered_at as evidence_at
    from stays
    inner join {{ ref('int_orders_valued') }} as orders
        on stays.customer_id = orders.customer_id
        and stays.evidence_from <= orders.delivered_at
        and stays.lost_at > orders.delivered_at
    where
        orders.delivered_at > orders.promised_at
        {{ only_affected('orders.customer_id', 'int_affected_customers') }}
),

unresolved as (
    select
        stays.customer_id, stays.entry_number, 'unresolved_ticket' as reason,
        'ticket_opened' as activity, tickets.source_system, tickets.ticket_id as subject_id,
        tickets.opened_at as evidence_at
    from stays
    inner join {{ ref('int_person_keys_resolved') }} as customers
        on stays.customer_id = customers.customer_id
    inner join {{ ref('input_support_tickets') }} as tickets
        on customers.person_key = tickets.person_key
        and stays.evidence_from <= tickets.opened_at
        and stays.lost_at > tickets.opened_at
    where
        tickets.resolved_at is null
        or tickets.resolved_at >= stays.lost_at
),

purchases as (
    select
        stays.*,
        numbered.source_system,
        numbered.order_id,
        numbered.ordered_at,
        orders.discount_amount > 0 as is_discounted,
        numbered.customer_order_number = stays.order_count_at_loss as is_last
    from stays
    inner join {{ ref('int_orders_numbered') }} as numbered
        on stays.customer_id = numbered.customer_id
        and stays.order_count_at_loss >= numbered.customer_order_number
        {{ only_affected('numbered.customer_id', 'int_affected_customers') }}
    inner join {{ ref('int_orders_valued') }} as orders
        on numbered.source_system = orders.source_system
        and numbered.order_id = orders.order_id
),

-- Bought at discounts up to the end, or until the last order, which had none.
discount_habits as (
    select
        customer_id,
        entry_number
    from purchases
    group by customer_id, entry_number
    having
        (
            count(*) >= max(churn_discount_minimum_orders)
            and sum(case when is_discounted then 1 else 0 end) >= max(churn_discount_share) * count(*)
        )
        or (
            count(*) - 1 >= max(churn_discount_minimum_orders)
            and sum(case when is_last and is_discounted then 1 else 0 end) = 0
            and sum(case when is_discounted then 1 else 0 end)
            >= max(churn_discount_share) * (count(*) - 1)
        )
),

priced as (
    select
        purchases.customer_id, purchases.entry_number, 'price' as reason,
        'order_placed' as activity, purchases.source_system, purchases.order_id as subject_id,
        purchases.ordered_at as evidence_at
    from purchases
    inner join discount_habits
        on purchases.customer_id = discount_habits.customer_id
        and purchases.entry_number = discount_habits.entry_number
    where purchases.is_discounted
),

explained as (
    {%- for relation in ['stated', 'happened', 'late', 'unresolved', 'priced'] %}
    select * from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from explained
union all
select
    stays.customer_id,
    stays.entry_number,
    'silence' as reason,
    'order_placed' as activity,
    stays.last_order_source_system as source_system,
    stays.last_order_id as subject_id,
    stays.last_order_at as evidence_at
from stays
left join (select distinct customer_id, entry_number from explained) as known
    on stays.customer_id = known.customer_id
    and stays.entry_number = known.entry_number
where known.customer_id is null
