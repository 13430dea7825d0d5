with source as (
    {{ deliveries(
        'currency_rates',
        columns=[
            'currency_code', 'rate', 'rate_date',
        ],
        times=['updated_at', 'deleted_at'],
    ) }}
),

renamed as (
    select
        source_system,
        upper(currency_code) as currency_code,
        {{ exchange_rate('rate') }} as rate,
        {{ delivered_date('rate_date') }} as rate_date,
        {{ deletion_time() }} as deleted_at,
        {{ utc_time('updated_at') }} as _version_at,
        _load_number,
        _source_row
    from source
)

select * from renamed
