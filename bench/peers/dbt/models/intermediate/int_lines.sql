select
    order_id,
    sum(quantity * unit_price)::decimal(18, 2) as items_amount,
    sum(discount_amount)::decimal(18, 2) as discount_amount,
    sum(quantity * coalesce(order_lines.unit_cost, products.unit_cost))::decimal(18, 2) as cost_amount
from {{ ref('stg_order_lines') }} as order_lines
left join {{ ref('stg_products') }} as products using (product_id)
group by order_id
