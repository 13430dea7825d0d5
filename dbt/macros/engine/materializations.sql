{# How models are written on DuckDB. Its DDL is part of a transaction: each model runs one list of statements, and if
   one fails, the table remains as it was. dbt's own materializations also serve engines without transactional DDL:
   they build beside the table, rename twice, drop, ask for columns, and go through a temporary table. That is up to
   seven more statements for each model, and a statement costs dbt ten times what it costs DuckDB
   (docs/decisions/0033). Indexes, grants and comments in the database are left out: no model here has them. #}
{% materialization table, adapter='duckdb' -%}
    {%- set table = this.incorporate(type='table') -%}
    {{ return(run_statements(table, create_statements(table))) }}
{%- endmaterialization %}

{% materialization view, adapter='duckdb' -%}
    {%- set view = this.incorporate(type='view') -%}
    {{ return(run_statements(view, create_statements(view))) }}
{%- endmaterialization %}

{# New rows replace those with the same key. Without a key they are added: a hook has deleted what they replace. #}
{% materialization incremental, adapter='duckdb' -%}
    {%- set table, existing = this.incorporate(type='table'), load_cached_relation(this) -%}
    {%- set key = config.get('unique_key') -%}
    {%- if existing is none or existing.is_view or should_full_refresh() -%}
        {%- set statements = create_statements(table) -%}
    {%- elif key -%}
        {%- set statements = replace_statements(table, key, columns_of_table(table)) -%}
    {%- else -%}
        {%- set statements = insert_statement(table, columns_of_table(table)) -%}
    {%- endif -%}
    {{ return(run_statements(table, statements)) }}
{%- endmaterialization %}

{% macro create_statements(relation) -%}
    {%- set existing = load_cached_relation(relation) -%}
    {%- if existing is not none %}
    drop {{ existing.type }} {{ existing }};
    {%- do adapter.cache_dropped(existing) -%}
    {%- endif %}
    {{ create_view_as(relation, compiled_code) if relation.is_view
        else create_table_as(False, relation, compiled_code) }}
{%- endmacro %}

{% macro replace_statements(table, key, columns) -%}
    {%- set rows = table.identifier ~ '__rows' %}
    create temporary table {{ rows }} as (
        {{ compiled_code }}
    );
    delete from {{ table }} as existing using {{ rows }}
    where {{ key_matches(key, 'existing', rows) }};
    insert into {{ table }} ({{ columns }}) select {{ columns }} from {{ rows }};
    drop table {{ rows }}
{%- endmacro %}

{% macro insert_statement(table, columns) -%}
    insert into {{ table }} ({{ columns }}) select {{ columns }} from (
        {{ compiled_code }}
    )
{%- endmacro %}

{# The quoted names of a table's columns. Naming them makes a column that the rows lack an error instead of null. #}
{% macro columns_of_table(table) -%}
    {%- set names = model['columns'] if config.get('contract').enforced
        else adapter.get_columns_in_relation(table) | map(attribute='name') -%}
    {%- set quoted = [] -%}
    {%- for name in names -%}{%- do quoted.append(adapter.quote(name)) -%}{%- endfor -%}
    {{ return(quoted | join(', ')) }}
{%- endmacro %}

{% macro run_statements(relation, statements) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {{ statements }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{%- endmacro %}
