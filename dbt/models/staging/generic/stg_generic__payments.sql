with source as (
    {{ latest_deliveries(
        'payments',
        columns=[
            'payment_id', 'order_id', 'method', 'status', 'amount', 'paid_at',
        ],
        key=['payment_id'],
    ) }}
),

renamed as (
    select
        source_system,
        payment_id,
        order_id,
        lower(method) as method,
        lower(status) as status,
        {{ money('amount') }} as amount,
        {{ utc_time('paid_at') }} as paid_at
    from source
)

select * from renamed
