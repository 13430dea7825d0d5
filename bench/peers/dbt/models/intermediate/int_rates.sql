select rate_date, currency_code, rate from {{ ref('stg_currency_rates') }}
qualify row_number() over (partition by rate_date, currency_code order by filename desc) = 1
