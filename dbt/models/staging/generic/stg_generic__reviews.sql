with source as (
    {{ deliveries(
        'reviews',
        columns=[
            'review_id', 'contact_id', 'email', 'phone', 'external_id', 'order_id', 'product_id',
            'title', 'body', 'platform', 'rating', 'rating_scale', 'is_public',
            'is_verified',
        ],
        times=['reviewed_at', 'reply_at', 'updated_at', 'deleted_at'],
    ) }}
),

renamed as (
    select
        source_system,
        review_id,
        contact_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        external_id,
        order_id,
        product_id,
        title,
        body,
        {{ served_text(lowered('platform')) }} as platform,
        {{ stars('rating', 'rating_scale') }} as rating,
        coalesce({{ boolean('is_public') }}, true) as is_public,
        coalesce({{ boolean('is_verified') }}, false) as is_verified,
        {{ utc_time('reviewed_at') }} as reviewed_at,
        {{ utc_time('reply_at') }} as reply_at,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
