{# What may change in a customer's state. int_state_changes adds, int_customer_states sums. #}
{% macro state_columns() -%}
    {{ return([
        'placed_orders', 'counted_orders', 'orders_in_window', 'open_orders', 'delivered_orders', 'lapses',
        'started_checkouts', 'open_checkouts', 'inquiries', 'advocacy_signals', 'negative_opinions',
    ]) }}
{%- endmacro %}

{# One kind of change: the rows of a relation, when and by what activity, and what each adds to which
   count (a mapping of column to expression; a column that is not named is left as it is). #}
{% macro state_change(relation, activity, changed_at, adds) %}
    select
        customer_id,
        {{ changed_at }} as changed_at,
        {{ activity }} as activity,
        {%- for column in state_columns() %}
        cast({{ adds.get(column, '0') }} as integer) as {{ column }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ relation }}
{%- endmacro %}
