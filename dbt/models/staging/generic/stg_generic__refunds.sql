with source as (
    {{ latest_deliveries(
        'refunds',
        columns=[
            'refund_id', 'order_id', 'reason', 'amount', 'refunded_at',
        ],
        key=['refund_id'],
    ) }}
),

renamed as (
    select
        source_system,
        refund_id,
        order_id,
        lower(reason) as reason,
        {{ money('amount') }} as amount,
        {{ utc_time('refunded_at') }} as refunded_at
    from source
)

select * from renamed
