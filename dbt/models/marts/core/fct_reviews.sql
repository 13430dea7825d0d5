-- Grain: review of a source system. Titles and bodies are not served: they may contain names.
with reviews as (
    select
        review_id,
        source_system,
        person_key,
        order_id,
        product_id,
        platform,
        rating,
        is_public,
        is_verified,
        reviewed_at,
        reply_at
    from {{ ref('input_reviews') }}
    where
        reviewed_at < {{ as_of() }}
        and deleted_at is null
),

customers as (
    select person_key, customer_id from {{ ref('int_person_keys_resolved') }}
)

select
    reviews.review_id,
    reviews.source_system,
    customers.customer_id,
    reviews.order_id,
    reviews.product_id,
    reviews.platform,
    reviews.rating,
    reviews.is_public,
    reviews.is_verified,
    reviews.reviewed_at,
    case when reviews.reply_at < {{ as_of() }} then reviews.reply_at end as reply_at
from reviews
left join customers
    on reviews.person_key = customers.person_key
