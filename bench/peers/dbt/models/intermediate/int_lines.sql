select
    order_id,
    sum(quantity * unit_price)::decimal(18, 2) as items_amount,
    sum(discount_amount)::decimal(18, 2) as discount_amount,
    coalesce(sum(quantity * order_lines.unit_cost), 0)::decimal(18, 2) as stated_cost_amount,
    coalesce(sum(quantity * products.unit_cost) filter (order_lines.unit_cost is null), 0)::decimal(18, 2)
        as product_cost_amount
from {{ ref('stg_order_lines') }} as order_lines
left join {{ ref('stg_products') }} as products using (product_id)
group by order_id
