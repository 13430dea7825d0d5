with source as (
    {{ deliveries(
        'payments',
        columns=[
            'payment_id', 'order_id', 'method', 'status', 'amount',
        ],
        times=['paid_at'],
    ) }}
),

renamed as (
    select
        source_system,
        payment_id,
        order_id,
        {{ lowered('method') }} as method,
        {{ lowered('status') }} as status,
        {{ money('amount') }} as amount,
        {{ utc_time('paid_at') }} as paid_at,
        cast(null as timestamp) as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
