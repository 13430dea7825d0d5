with source as (
    {{ deliveries(
        'checkouts',
        columns=[
            'checkout_id', 'contact_id', 'email', 'phone', 'external_id', 'order_id', 'amount',
        ],
        times=[
            'started_at', 'shipping_at', 'payment_at', 'completed_at', 'abandoned_at',
            'updated_at', 'deleted_at',
        ],
    ) }}
),

renamed as (
    select
        source_system,
        checkout_id,
        contact_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        external_id,
        order_id,
        {{ money('amount') }} as amount,
        {{ utc_time('started_at') }} as started_at,
        {{ utc_time('shipping_at') }} as shipping_at,
        {{ utc_time('payment_at') }} as payment_at,
        {{ utc_time('completed_at') }} as completed_at,
        {{ utc_time('abandoned_at') }} as abandoned_at,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
