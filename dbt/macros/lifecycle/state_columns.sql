{# The counts of a customer's state. int_state_changes has their changes, int_customer_states their sums. #}
{% macro state_columns() -%}
    {{ return([
        'placed_orders', 'counted_orders', 'orders_in_window', 'open_orders', 'delivered_orders', 'lapses',
        'started_checkouts', 'open_checkouts', 'inquiries', 'advocacy_signals', 'negative_opinions',
    ]) }}
{%- endmacro %}
