-- One row per month with tickets or inquiries: how many customers asked, how many of them needed no
-- ticket and no conversation with a person, and the time to the first answer. A customer counts
-- once per month, so customer counts are not additive over months.
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

-- A conversation that we began may have answered the question too.
askers as (
    select
        {{ month_of('activities.occurred_at') }} as month,
        activities.customer_id,
        max(case when activities.activity = 'ticket_opened' then 1 else 0 end) as had_ticket,
        max(case when kinds.is_conversation then 1 else 0 end) as had_conversation,
        max(case
            when activities.is_inquiry and activities.activity = 'knowledge_base_view' then 1
            else 0
        end) as was_reader
    from {{ ref('int_customer_activities') }} as activities
    inner join {{ ref('activities') }} as kinds
        on activities.activity = kinds.activity
    where
        activities.is_inquiry
        or activities.activity = 'ticket_opened'
        or kinds.is_conversation
    group by {{ month_of('activities.occurred_at') }}, activities.customer_id
    having
        max(case
            when activities.is_inquiry or activities.activity = 'ticket_opened' then 1 else 0
        end) = 1
),

helped as (
    select
        month,
        had_ticket,
        was_reader,
        case when had_ticket + had_conversation = 0 then 1 else 0 end as was_deflected
    from askers
),

asked as (
    select
        month,
        count(*) as asker_count,
        sum(1 - had_ticket) as asker_without_ticket_count,
        sum(was_deflected) as deflected_asker_count,
        sum(was_reader) as reader_count,
        sum(was_reader * was_deflected) as deflected_reader_count
    from helped
    group by month
)

select
    coalesce(ticketed.month, asked.month) as month,
    coalesce(asked.asker_count, 0) as asker_count,
    coalesce(asked.asker_without_ticket_count, 0) as asker_without_ticket_count,
    coalesce(asked.deflected_asker_count, 0) as deflected_asker_count,
    coalesce(asked.reader_count, 0) as reader_count,
    coalesce(asked.deflected_reader_count, 0) as deflected_reader_count,
    coalesce(ticketed.ticket_count, 0) as ticket_count,
    coalesce(ticketed.ticket_after_self_service_count, 0) as ticket_after_self_service_count,
    coalesce(ticketed.responded_ticket_count, 0) as responded_ticket_count,
    ticketed.median_response_seconds
from ticketed
full outer join asked
    on ticketed.month = asked.month
