-- One row per month with tickets or inquiries: how many customers asked, how many of them needed no
-- ticket, and the time to the first answer. A customer counts once per month, so customer counts
-- are not additive over months.
with tickets as (
    select
        tickets.source_system,
        tickets.ticket_id,
        customers.customer_id,
        tickets.opened_at,
        case when tickets.first_response_at < {{ as_of() }} then tickets.first_response_at end
            as first_response_at,
        thresholds.self_service_days
    from {{ ref('input_support_tickets') }} as tickets
    cross join {{ ref('int_thresholds') }} as thresholds
    left join {{ ref('int_person_keys_resolved') }} as customers
        on tickets.person_key = customers.person_key
    where
        tickets.opened_at < {{ as_of() }}
        and tickets.deleted_at is null
),

after_self_service as (
    select distinct tickets.source_system, tickets.ticket_id
    from tickets
    inner join {{ ref('int_interactions_resolved') }} as views
        on tickets.customer_id = views.customer_id
        and tickets.opened_at > views.occurred_at
        and {{ days_after('tickets.opened_at', '-tickets.self_service_days') }} <= views.occurred_at
    where views.kind = 'knowledge_base_view'
),

ticketed as (
    select
        {{ month_of('tickets.opened_at') }} as month,
        count(*) as ticket_count,
        count(after_self_service.ticket_id) as ticket_after_self_service_count,
        count(tickets.first_response_at) as responded_ticket_count,
        median({{ seconds_between('tickets.opened_at', 'tickets.first_response_at') }})
            as median_response_seconds
    from tickets
    left join after_self_service
        on tickets.source_system = after_self_service.source_system
        and tickets.ticket_id = after_self_service.ticket_id
    group by {{ month_of('tickets.opened_at') }}
),

askers as (
    select
        {{ month_of('occurred_at') }} as month,
        customer_id,
        max(case when activity = 'ticket_opened' then 1 else 0 end) as had_ticket,
        max(case when activity = 'knowledge_base_view' then 1 else 0 end) as was_reader
    from {{ ref('int_customer_activities') }}
    where
        is_inquiry
        or activity = 'ticket_opened'
    group by {{ month_of('occurred_at') }}, customer_id
),

asked as (
    select
        month,
        count(*) as asker_count,
        sum(1 - had_ticket) as asker_without_ticket_count,
        sum(was_reader) as reader_count,
        sum(was_reader * (1 - had_ticket)) as reader_without_ticket_count
    from askers
    group by month
)

select
    coalesce(ticketed.month, asked.month) as month,
    coalesce(asked.asker_count, 0) as asker_count,
    coalesce(asked.asker_without_ticket_count, 0) as asker_without_ticket_count,
    coalesce(asked.reader_count, 0) as reader_count,
    coalesce(asked.reader_without_ticket_count, 0) as reader_without_ticket_count,
    coalesce(ticketed.ticket_count, 0) as ticket_count,
    coalesce(ticketed.ticket_after_self_service_count, 0) as ticket_after_self_service_count,
    coalesce(ticketed.responded_ticket_count, 0) as responded_ticket_count,
    ticketed.median_response_seconds
from ticketed
full outer join asked
    on ticketed.month = asked.month
