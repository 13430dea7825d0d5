{# How checks of a build on top of the last one look only at what it wrote (docs/decisions/0026). #}

{# What a generic test reads: the table; in a build that heals, of a table in which only touched rows change, those,
   and of an input table the rows of new loads. The others are as the last build left and checked them. The
   relation is named without ref(): a test would become one of two models. Every table that says so is built after
   what was touched. #}
{% macro get_where_subquery(relation) -%}
    {%- set conditions = [config.get('where')] | select | list -%}
    {%- set known = changed_rows_of(model.get('attached_node')) -%}
    {%- if known -%}
        {%- do conditions.append(known) -%}
    {%- endif -%}
    {%- if conditions -%}
        {%- do return('(select * from ' ~ relation ~ ' where ' ~ conditions | join(' and ') ~ ') dbt_subquery') -%}
    {%- endif -%}
    {%- do return(relation) -%}
{%- endmacro %}

{# The whole table that a generic test belongs to; nothing when the project is only parsed. #}
{% macro tested_table() -%}
    {%- if execute and model.get('attached_node') in graph.nodes -%}
        {%- do return(graph.nodes[model.attached_node].relation_name) -%}
    {%- endif -%}
    {%- do return('') -%}
{%- endmacro %}

{# The condition that holds for the rows of a model that this build can have changed, those of touched keys or of new
   loads; nothing when all of it is to be looked at. #}
{% macro changed_rows_of(unique_id) -%}
    {%- if execute and is_incremental_build() and unique_id in graph.nodes -%}
        {%- set meta = graph.nodes[unique_id].config.meta -%}
        {%- if meta.get('only_new_loads_change') -%}
            {%- do return('_load_number > ' ~ last_load()) -%}
        {%- elif meta.get('only_affected_change') -%}
            {%- set change = meta.only_affected_change -%}
            {%- set columns = change.columns | join(', ') -%}
            {%- set touched = graph.nodes['model.' ~ project_name ~ '.' ~ change.touched].relation_name -%}
            {%- do return('(' ~ columns ~ ') in (select ' ~ columns ~ ' from ' ~ touched ~ ')') -%}
        {%- endif -%}
    {%- endif -%}
    {%- do return('') -%}
{%- endmacro %}

{# For tests of a file of their own: `and column in (…)`, the touched customers, when the build heals. #}
{% macro of_affected_customers(column) -%}
    {%- if not execute or is_incremental_build() -%}
    and {{ column }} in (select customer_id from {{ ref('int_affected_customers') }})
    {%- endif -%}
{%- endmacro %}

{# The numbers of keys that occur more than once in a relation, and of some that only share a number with another. #}
{% macro repeated_key_numbers(relation, columns) -%}
    select key_number
    from (select {{ key_number(columns) }} as key_number from {{ relation }}) as numbered
    group by key_number
    having count(*) > 1
{%- endmacro %}
