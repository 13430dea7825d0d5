with source as (
    {{ deliveries(
        'payments',
        columns=[
            'payment_id', 'order_id', 'method', 'status', 'amount',
        ],
        times=['paid_at', 'updated_at', 'deleted_at'],
    ) }}
),

renamed as (
    select
        source_system,
        payment_id,
        order_id,
        {{ word_code('method', 'payment_methods') }} as method,
        {{ word_code('status', 'payment_statuses') }} as status,
        {{ money('amount') }} as amount,
        {{ utc_time('paid_at') }} as paid_at,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
