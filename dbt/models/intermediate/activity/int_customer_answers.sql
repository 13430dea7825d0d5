-- One row per review, NPS or CSAT answer of an identified customer before as_of, with the
-- satisfaction that it means, 0 (worst) to 1 (best). An answer outside its scale counts as the
-- nearest end of the scale.
{{ config(materialized='view') }}
with answers as (
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
)

select
    customers.customer_id,
    answers.source_system,
    answers.answer_id,
    answers.kind,
    answers.score,
    answers.satisfaction,
    answers.answered_at
from answers
inner join {{ ref('int_person_keys_resolved') }} as customers
    on answers.person_key = customers.person_key
where answers.answered_at < {{ as_of() }}
