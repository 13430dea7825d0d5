-- One row per customer who wrote a review, answered a survey, opened a ticket or has loyalty
-- points: their opinions, the service they received and their points. Shares are 0 to 1, and null
-- where nothing is known.
with customers as (
    select person_key, customer_id from {{ ref('int_person_keys_resolved') }}
),

thresholds as (
    select resolution_days from {{ ref('int_thresholds') }}
),

answered as (
    select
        answers.customer_id,
        cast(sum(case when answers.kind = 'review' then 1 else 0 end) as integer) as review_count,
        {{ average("case when answers.kind = 'review' then answers.score end") }} as average_rating,
        {{ average("case when answers.kind = 'csat' then answers.score end") }}
            as average_csat_score,
        {{ average('answers.satisfaction') }} as satisfaction_share
    from {{ ref('int_customer_answers') }} as answers
    group by answers.customer_id
),

recommended as (
    select
        answers.customer_id,
        answers.score,
        row_number() over (
            partition by answers.customer_id
            order by answers.answered_at desc, answers.source_system desc, answers.answer_id desc
        ) as age_rank
    from {{ ref('int_customer_answers') }} as answers
    where
        answers.kind = 'nps'
        and answers.score is not null
),

ticketed as (
    select
        customers.customer_id,
        cast(count(*) as integer) as ticket_count,
        cast(
            sum(case when tickets.resolved_at < {{ as_of() }} then 0 else 1 end) as integer
        ) as open_ticket_count,
        {{ average("
            case
                when
                    tickets.resolved_at < " ~ as_of() ~ "
                    and tickets.resolved_at <= "
                    ~ days_after('tickets.opened_at', 'thresholds.resolution_days') ~ "
                    then 1
                else 0
            end
        ") }} as service_share
    from {{ ref('input_support_tickets') }} as tickets
    inner join customers
        on tickets.person_key = customers.person_key
    cross join thresholds
    where
        tickets.opened_at < {{ as_of() }}
        and tickets.deleted_at is null
    group by customers.customer_id
),

pointed as (
    select
        customers.customer_id,
        {{ quantity("sum(case when entries.kind = 'earn' then entries.points else 0 end)") }}
            as loyalty_points_earned,
        {{ quantity("sum(
            case
                when entries.kind in ('redeem', 'expire') then -abs(entries.points)
                else entries.points
            end
        )") }} as loyalty_points_balance
    from {{ ref('input_loyalty_entries') }} as entries
    inner join customers
        on entries.person_key = customers.person_key
    where
        entries.occurred_at < {{ as_of() }}
        and entries.deleted_at is null
    group by customers.customer_id
),

known as (
    select customer_id from answered
    union
    select customer_id from ticketed
    union
    select customer_id from pointed
)

select
    known.customer_id,
    coalesce(answered.review_count, 0) as review_count,
    answered.average_rating,
    answered.average_csat_score,
    -- An answer between two whole numbers is rounded up.
    cast(floor(recommended.score + 0.5) as integer) as last_nps_score,
    answered.satisfaction_share,
    coalesce(ticketed.ticket_count, 0) as ticket_count,
    coalesce(ticketed.open_ticket_count, 0) as open_ticket_count,
    ticketed.service_share,
    coalesce(pointed.loyalty_points_earned, 0) as loyalty_points_earned,
    coalesce(pointed.loyalty_points_balance, 0) as loyalty_points_balance
from known
left join answered on known.customer_id = answered.customer_id
left join recommended
    on known.customer_id = recommended.customer_id
    and recommended.age_rank = 1
left join ticketed on known.customer_id = ticketed.customer_id
left join pointed on known.customer_id = pointed.customer_id
