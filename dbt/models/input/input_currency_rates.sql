with delivered as (
    {{ union_of(
        [ref('stg_generic__currency_rates')],
        columns=[
            'source_system', 'currency_code', 'rate', 'rate_date',
        ],
    ) }}
)

select * from delivered
