-- One row per customer who wrote a review, answered a survey, opened a ticket or has loyalty
-- points: their opinions, the service they received and their points. Shares are 0 to 1, and null
-- where nothing is known.
with customers as (
    select person_key, customer_id from {{ ref('int_person_keys_resolved') }}
),

thresholds as (
    select resolution_days, promoter_score from {{ ref('int_thresholds') }}
),

answers as (
    select
        reviews.person_key,
        'review' as kind,
        reviews.rating as score,
        {{ quantity('(reviews.rating - 1) * 0.25') }} as satisfaction,
        reviews.reviewed_at as answered_at,
        reviews.source_system,
        reviews.review_id as answer_id
    from {{ ref('input_reviews') }} as reviews
    where reviews.deleted_at is null
    union all
    select
        survey_responses.person_key,
        survey_responses.kind,
        survey_responses.score,
        -- An answer outside its scale counts as the nearest end of the scale.
        {{ quantity("
            case
                when survey_responses.score is null then null
                when survey_responses.kind = 'nps'
                    then least(greatest(survey_responses.score, 0), 10) * 0.1
                else (least(greatest(survey_responses.score, 1), 5) - 1) * 0.25
            end
        ") }} as satisfaction,
        survey_responses.responded_at as answered_at,
        survey_responses.source_system,
        survey_responses.response_id as answer_id
    from {{ ref('input_survey_responses') }} as survey_responses
    where
        survey_responses.kind in ('nps', 'csat')
        and survey_responses.deleted_at is null
),

answered as (
    select
        customers.customer_id,
        cast(sum(case when answers.kind = 'review' then 1 else 0 end) as integer) as review_count,
        {{ average("case when answers.kind = 'review' then answers.score end") }} as average_rating,
        {{ average("case when answers.kind = 'csat' then answers.score end") }}
            as average_csat_score,
        {{ average('answers.satisfaction') }} as satisfaction_share
    from answers
    inner join customers
        on answers.person_key = customers.person_key
    where answers.answered_at < {{ as_of() }}
    group by customers.customer_id
),

recommended as (
    select
        customers.customer_id,
        answers.score,
        row_number() over (
            partition by customers.customer_id
            order by answers.answered_at desc, answers.source_system desc, answers.answer_id desc
        ) as age_rank
    from answers
    inner join customers
        on answers.person_key = customers.person_key
    where
        answers.kind = 'nps'
        and answers.score is not null
        and answers.answered_at < {{ as_of() }}
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
