{# How the checks of an incremental build read only the rows that it wrote (docs/decisions/0026). #}

{# The relation that a generic test reads. In a full refresh it is the whole table. In an incremental build it is the
   rows that the build can have changed: those of affected keys, or in an input table those of new loads. The previous
   build checked the others. The table of affected keys is named without ref(): a reference would turn the test into
   one of two models. Every table with this configuration is built after its table of affected keys. #}
{% macro get_where_subquery(relation) -%}
    {%- set conditions = [config.get('where')] | select | list -%}
    {%- set changed = changed_rows_of(model.get('attached_node')) -%}
    {%- if changed -%}
        {%- do conditions.append(changed) -%}
    {%- endif -%}
    {%- if conditions -%}
        {%- do return('(select * from ' ~ relation ~ ' where ' ~ conditions | join(' and ') ~ ') dbt_subquery') -%}
    {%- endif -%}
    {%- do return(relation) -%}
{%- endmacro %}

{# The whole table that a generic test belongs to. Empty while dbt only parses. #}
{% macro tested_table() -%}
    {%- if execute and model.get('attached_node') in graph.nodes -%}
        {%- do return(graph.nodes[model.attached_node].relation_name) -%}
    {%- endif -%}
    {%- do return('') -%}
{%- endmacro %}

{# The condition that selects the rows of a model that this build can have changed: those of affected keys or of new
   loads. Empty when the whole table has to be checked. #}
{% macro changed_rows_of(unique_id) -%}
    {%- if execute and is_incremental_build() and unique_id in graph.nodes -%}
        {%- set meta = graph.nodes[unique_id].config.meta -%}
        {%- if meta.get('only_new_loads_change') -%}
            {%- do return('_load_number > ' ~ last_load()) -%}
        {%- elif meta.get('only_affected_change') -%}
            {%- set change = meta.only_affected_change -%}
            {%- set columns = change.columns | join(', ') -%}
            {%- set affected = graph.nodes['model.' ~ project_name ~ '.' ~ change.affected].relation_name -%}
            {%- do return('(' ~ columns ~ ') in (select ' ~ columns ~ ' from ' ~ affected ~ ')') -%}
        {%- endif -%}
    {%- endif -%}
    {%- do return('') -%}
{%- endmacro %}

{# For singular tests: in an incremental build, `and column in (…)` with the affected customers. #}
{% macro of_affected_customers(column) -%}
    {%- if not execute or is_incremental_build() -%}
    and {{ column }} in (select customer_id from {{ ref('int_affected_customers') }})
    {%- endif -%}
{%- endmacro %}

{# The key numbers that occur more than once in a relation. Different keys may share a number, so a few of them may
   belong to keys that occur once. #}
{% macro repeated_key_numbers(relation, columns) -%}
    select key_number
    from (select {{ key_number(columns) }} as key_number from {{ relation }}) as numbered
    group by key_number
    having count(*) > 1
{%- endmacro %}
