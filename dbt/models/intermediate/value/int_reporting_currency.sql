-- One row: the currency of all amounts in the marts. It is the configured currency, else the only
-- currency present, else EUR.
with orders as (
    select currency_code
    from {{ ref('input_orders') }}
    where
        currency_code is not null
        and deleted_at is null
        and ordered_at < {{ as_of() }}
)

select
    coalesce(
        {{ "'" ~ var('currency') ~ "'" if var('currency') else 'null' }},
        case when count(distinct currency_code) = 1 then min(currency_code) else 'EUR' end
    ) as currency_code
from orders
