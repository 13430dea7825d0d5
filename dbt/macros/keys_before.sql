{# The key columns of a table as the previous build left it. No rows in a full refresh. #}
{% macro keys_before(table, columns) -%}
    {%- set before = table_before(table) -%}
    {{ keys_of_table(before, columns) if before else no_keys(columns) }}
{%- endmacro %}

{% macro keys_of_table(relation, columns) -%}
    select {{ columns | join(', ') }} from {{ relation }}
{%- endmacro %}

{# The same columns without a row. #}
{% macro no_keys(columns) -%}
    select
        {%- for column in columns %}
        cast(null as {{ type_key() }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
{%- endmacro %}
