-- One row per customer and day with a counted order, with the net revenue of the day.
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
with days as (
    select
        customer_id,
        {{ date_of('ordered_at') }} as purchase_date,
        {{ money('sum(net_amount)') }} as day_amount
    from {{ ref('int_orders_numbered') }}
    where true {{ only_affected('customer_id', 'int_affected_customers') }}
    group by customer_id, {{ date_of('ordered_at') }}
)

select
    customer_id,
    purchase_date,
    min(purchase_date) over (partition by customer_id) as first_purchase_date,
    day_amount
from days
