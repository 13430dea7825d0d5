with source as (
    {{ deliveries(
        'orders',
        columns=[
            'order_id', 'contact_id', 'email', 'phone', 'external_id', 'status', 'currency_code',
            'channel', 'campaign', 'coupon_code', 'items_amount', 'discount_amount',
            'shipping_amount', 'tax_amount', 'is_test', 'prices_include_tax',
        ],
        times=['ordered_at', 'delivered_at', 'promised_at', 'updated_at', 'deleted_at'],
    ) }}
),

renamed as (
    select
        source_system,
        order_id,
        contact_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        external_id,
        coalesce({{ word_code('status', 'order_statuses') }}, 'completed') as status,
        upper(currency_code) as currency_code,
        {{ served_text(lowered('channel')) }} as channel,
        {{ served_text('campaign') }} as campaign,
        coupon_code,
        {{ money('items_amount') }} as items_amount,
        {{ money('discount_amount') }} as discount_amount,
        {{ money('shipping_amount') }} as shipping_amount,
        {{ money('tax_amount') }} as tax_amount,
        coalesce({{ boolean('is_test') }}, false) as is_test,
        coalesce({{ boolean('prices_include_tax') }}, false) as prices_include_tax,
        {{ utc_time('ordered_at') }} as ordered_at,
        {{ utc_time('delivered_at') }} as delivered_at,
        {{ utc_time('promised_at') }} as promised_at,
        {{ utc_time('updated_at') }} as updated_at,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
