{# The counts of a customer's state. int_state_changes has their changes, int_customer_states their sums. #}
{% macro state_columns() -%}
    {{ return([
        'placed_orders', 'counted_orders', 'orders_in_window', 'open_orders', 'delivered_orders', 'lapses',
        'started_checkouts', 'open_checkouts', 'inquiries', 'advocacy_signals', 'negative_opinions',
    ]) }}
{%- endmacro %}

{# One kind of change of state, one per row of a relation.
   changed_at, activity: when the change happens, and by which activity.
   adds: what it adds to each count, as a mapping of column to expression. Other counts do not change. #}
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
