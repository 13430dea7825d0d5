{# How models are made on DuckDB, whose definitions are part of its transactions: what a model does to its table is one list
   of statements, and one that fails leaves the table as it was. dbt's own ways, for engines that cannot (make it beside,
   rename twice, drop; ask for columns, go through a temporary table), are up to seven statements more for each model, and
   a statement costs dbt ten times what it costs DuckDB (docs/decisions/0033). Indexes, grants and docs in the database,
   which no model here has, are left out. #}
{% materialization table, adapter='duckdb' -%}
    {%- set table = this.incorporate(type='table') -%}
    {{ return(carried_out(table, statements_making(table))) }}
{%- endmaterialization %}

{% materialization view, adapter='duckdb' -%}
    {%- set view = this.incorporate(type='view') -%}
    {{ return(carried_out(view, statements_making(view))) }}
{%- endmaterialization %}

{# A table that is there already gets rows: in place of those with the same key, or where its hook made room for them. #}
{% materialization incremental, adapter='duckdb' -%}
    {%- set table, existing = this.incorporate(type='table'), load_cached_relation(this) -%}
    {%- set is_new = existing is none or existing.is_view or should_full_refresh() -%}
    {{ return(carried_out(table, statements_making(table) if is_new else statements_adding(table))) }}
{%- endmaterialization %}

{% macro statements_making(relation) -%}
    {%- set existing = load_cached_relation(relation) -%}
    {%- if existing is not none %}
    drop {{ existing.type }} {{ existing }};
    {%- do adapter.cache_dropped(existing) -%}
    {%- endif %}
    {{ create_view_as(relation, compiled_code) if relation.is_view else create_table_as(False, relation, compiled_code) }}
{%- endmacro %}

{# The columns are named, so that one which the rows lack is an error instead of null. #}
{% macro statements_adding(table) -%}
    {%- set names = model['columns'] if config.get('contract').enforced
        else adapter.get_columns_in_relation(table) | map(attribute='name') -%}
    {%- set quoted = [] -%}
    {%- for name in names -%}{%- do quoted.append(adapter.quote(name)) -%}{%- endfor -%}
    {%- set columns = quoted | join(', ') -%}
    {%- set key, rows = config.get('unique_key'), table.identifier ~ '__rows' -%}
    {%- if key %}
    create temporary table {{ rows }} as (
        {{ compiled_code }}
    );
    delete from {{ table }} as kept using {{ rows }}
    where {% for column in key %}kept.{{ column }} = {{ rows }}.{{ column }}{{ ' and ' if not loop.last }}{% endfor %};
    insert into {{ table }} ({{ columns }}) select {{ columns }} from {{ rows }};
    drop table {{ rows }}
    {%- else %}
    insert into {{ table }} ({{ columns }}) select {{ columns }} from (
        {{ compiled_code }}
    )
    {%- endif %}
{%- endmacro %}

{% macro carried_out(relation, statements) -%}
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
