with delivered as (
    {{ union_of(
        [ref('stg_generic__refunds')],
        columns=[
            'source_system', 'refund_id', 'order_id', 'reason', 'amount', 'refunded_at',
        ],
    ) }}
)

select * from delivered
