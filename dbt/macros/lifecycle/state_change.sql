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
