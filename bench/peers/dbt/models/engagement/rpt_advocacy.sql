select
    date_trunc('month', reviewed_at)::date as month, coalesce(platform, 'unknown') as platform,
    count(*)::integer as review_count, count(*) filter (is_public)::integer as public_review_count,
    count(*) filter (rating >= 4)::integer as positive_review_count,
    count(*) filter (rating <= 2)::integer as negative_review_count, 0 as replied_review_count,
    avg(rating)::decimal(18, 6) as average_rating, 0 as nps_answer_count, 0 as promoter_count, 0 as passive_count,
    0 as detractor_count, null::decimal(18, 6) as net_promoter_score, 0 as referral_count,
    0 as converted_referral_count, null::decimal(18, 6) as referral_conversion_rate, 0 as referred_customer_count,
    0::decimal(18, 2) as referred_net_revenue, 'EUR' as currency_code
from {{ ref('fct_reviews') }} as fct_reviews
group by month, coalesce(platform, 'unknown')
