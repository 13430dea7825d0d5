-- Grain: month, platform. Reviews appear at the platform they were written on, NPS answers at the
-- platform `nps_survey`, referrals at `referral`: no number appears twice.
with thresholds as (
    select promoter_score, detractor_score, positive_rating, negative_rating
    from {{ ref('int_thresholds') }}
),

reviews as (
    select
        {{ month_of('reviews.reviewed_at') }} as month,
        coalesce(reviews.platform, 'unknown') as platform,
        count(*) as review_count,
        sum(case when reviews.is_public then 1 else 0 end) as public_review_count,
        sum(case when reviews.rating >= thresholds.positive_rating then 1 else 0 end)
            as positive_review_count,
        sum(case when reviews.rating <= thresholds.negative_rating then 1 else 0 end)
            as negative_review_count,
        sum(case when reviews.reply_at is not null then 1 else 0 end) as replied_review_count,
        sum(reviews.rating) as rating_sum,
        count(reviews.rating) as rated_review_count
    from {{ ref('fct_reviews') }} as reviews
    cross join thresholds
    group by {{ month_of('reviews.reviewed_at') }}, coalesce(reviews.platform, 'unknown')
),

answers as (
    select
        {{ month_of('survey_responses.responded_at') }} as month,
        'nps_survey' as platform,
        count(*) as nps_answer_count,
        sum(case when survey_responses.score >= thresholds.promoter_score then 1 else 0 end)
            as promoter_count,
        sum(case when survey_responses.score <= thresholds.detractor_score then 1 else 0 end)
            as detractor_count
    from {{ ref('input_survey_responses') }} as survey_responses
    cross join thresholds
    where
        survey_responses.kind = 'nps'
        and survey_responses.responded_at < {{ as_of() }}
        and survey_responses.deleted_at is null
    group by {{ month_of('survey_responses.responded_at') }}
),

referrals as (
    select
        {{ month_of('referred_at') }} as month,
        'referral' as platform,
        count(*) as referral_count,
        sum(case when has_converted then 1 else 0 end) as converted_referral_count,
        sum(case when is_first_of_customer then 1 else 0 end) as referred_customer_count,
        sum(case when is_first_of_customer then referred_net_revenue else 0 end)
            as referred_net_revenue
    from {{ ref('int_referrals_converted') }}
    group by {{ month_of('referred_at') }}
),

grains as (
    select month, platform from reviews
    union
    select month, platform from answers
    union
    select month, platform from referrals
)

select
    grains.month,
    grains.platform,
    cast(coalesce(reviews.review_count, 0) as integer) as review_count,
    cast(coalesce(reviews.public_review_count, 0) as integer) as public_review_count,
    cast(coalesce(reviews.positive_review_count, 0) as integer) as positive_review_count,
    cast(coalesce(reviews.negative_review_count, 0) as integer) as negative_review_count,
    cast(coalesce(reviews.replied_review_count, 0) as integer) as replied_review_count,
    {{ mean('reviews.rating_sum', 'reviews.rated_review_count') }} as average_rating,
    cast(coalesce(answers.nps_answer_count, 0) as integer) as nps_answer_count,
    cast(coalesce(answers.promoter_count, 0) as integer) as promoter_count,
    cast(
        coalesce(answers.nps_answer_count - answers.promoter_count - answers.detractor_count, 0)
        as integer
    ) as passive_count,
    cast(coalesce(answers.detractor_count, 0) as integer) as detractor_count,
    {{ mean(
        '100 * (answers.promoter_count - answers.detractor_count)', 'answers.nps_answer_count'
    ) }} as net_promoter_score,
    cast(coalesce(referrals.referral_count, 0) as integer) as referral_count,
    cast(coalesce(referrals.converted_referral_count, 0) as integer) as converted_referral_count,
    {{ mean('referrals.converted_referral_count', 'referrals.referral_count') }}
        as referral_conversion_rate,
    cast(coalesce(referrals.referred_customer_count, 0) as integer) as referred_customer_count,
    {{ money('coalesce(referrals.referred_net_revenue, 0)') }} as referred_net_revenue,
    reporting.currency_code
from grains
cross join {{ ref('int_reporting_currency') }} as reporting
left join reviews
    on grains.month = reviews.month
    and grains.platform = reviews.platform
left join answers
    on grains.month = answers.month
    and grains.platform = answers.platform
left join referrals
    on grains.month = referrals.month
    and grains.platform = referrals.platform
