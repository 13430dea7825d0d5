with source as (
    {{ latest_deliveries(
        'currency_rates',
        columns=[
            'currency_code', 'rate', 'rate_date',
        ],
        key=['rate_date', 'currency_code'],
    ) }}
),

renamed as (
    select
        source_system,
        upper(currency_code) as currency_code,
        {{ quantity('rate') }} as rate,
        cast(rate_date as date) as rate_date
    from source
)

select * from renamed
