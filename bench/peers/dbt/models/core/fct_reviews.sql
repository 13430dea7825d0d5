select
    review_id, 'generic' as source_system, coalesce(md5(contact_id), addresses.customer_id, md5(reviews.email)) as customer_id,
    order_id, null::varchar as product_id, platform, rating::integer as rating, is_public, false as is_verified,
    reviewed_at, null::timestamp as reply_at
from {{ ref('stg_reviews') }} as reviews
left join {{ ref('int_addresses') }} as addresses on case when reviews.contact_id is null then reviews.email end = addresses.email
where reviewed_at < timestamp '{{ var("as_of") }}'
