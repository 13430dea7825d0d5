with source as (
    {{ deliveries(
        'refunds',
        columns=[
            'refund_id', 'order_id', 'contact_id', 'email', 'phone', 'external_id', 'reason', 'status',
            'currency_code', 'amount', 'items_amount', 'tax_amount', 'shipping_amount',
        ],
        times=['refunded_at', 'updated_at', 'deleted_at'],
    ) }}
),

renamed as (
    select
        source_system,
        refund_id,
        order_id,
        contact_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        external_id,
        {{ served_text(lowered('reason')) }} as reason,
        {{ word_code('status', 'refund_statuses') }} as status,
        upper(currency_code) as currency_code,
        {{ money('amount') }} as amount,
        {{ money('items_amount') }} as items_amount,
        {{ money('tax_amount') }} as tax_amount,
        {{ money('shipping_amount') }} as shipping_amount,
        {{ utc_time('refunded_at') }} as refunded_at,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
