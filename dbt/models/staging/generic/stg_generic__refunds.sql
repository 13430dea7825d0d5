with source as (
    {{ deliveries(
        'refunds',
        columns=[
            'refund_id', 'order_id', 'reason', 'amount',
        ],
        times=['refunded_at'],
    ) }}
),

renamed as (
    select
        source_system,
        refund_id,
        order_id,
        {{ lowered('reason') }} as reason,
        {{ money('amount') }} as amount,
        {{ utc_time('refunded_at') }} as refunded_at,
        cast(null as timestamp) as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
