{# The totals of an order's lines, of the orders that int_orders_totalled computes. The cost on a line is in the order's
   currency, the cost of a product in the reporting currency. If one line has neither, the order's cost is unknown. #}
{% macro order_line_totals() -%}
    select
        source_system,
        order_id,
        {{ money('sum(items_amount)') }} as items_amount,
        sum(discount_amount) as discount_amount,
        {{ money('coalesce(sum(case when is_gift_card then items_amount end), 0)') }}
            as gift_card_items_amount,
        {{ money('coalesce(sum(case when is_gift_card then discount_amount end), 0)') }}
            as gift_card_discount_amount,
        {{ money('coalesce(sum(case when not is_gift_card then stated_cost_amount end), 0)') }}
            as stated_cost_amount,
        {{ money('coalesce(sum(case when not is_gift_card then product_cost_amount end), 0)') }}
            as product_cost_amount,
        min(case when is_cost_known or is_gift_card then 1 else 0 end) = 1 as is_cost_known
    from (
        select
            lines.source_system,
            lines.order_id,
            {{ line_amount('lines.quantity', 'lines.unit_price') }} as items_amount,
            lines.discount_amount,
            {{ line_amount('lines.quantity', 'lines.unit_cost') }} as stated_cost_amount,
            case
                when lines.unit_cost is null
                    then {{ line_amount('lines.quantity', 'products.unit_cost') }}
            end as product_cost_amount,
            coalesce(lines.unit_cost, products.unit_cost) is not null as is_cost_known,
            coalesce(products.kind = 'gift_card', false) as is_gift_card
        from {{ ref('input_order_lines') }} as lines
        left join {{ ref('input_products') }} as products
            on lines.source_system = products.source_system
            and lines.product_id = products.product_id
        where lines.deleted_at is null {{ only_affected_orders('lines') }}
    ) as lines
    group by source_system, order_id
{%- endmacro %}
