{{ config(unique_key=['source_system', 'currency_code', 'rate_date']) }}
{{ newest_versions(
    [ref('stg_generic__currency_rates')],
    key=['source_system', 'currency_code', 'rate_date'],
    columns=[
        'source_system', 'currency_code', 'rate', 'rate_date', 'deleted_at',
    ],
) }}
