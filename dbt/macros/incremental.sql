{# How an incremental build computes only what changed since the previous build (docs/decisions/0018). Two environment
   variables name the previous build: DBT_LAST_LOAD, the number of the newest load in it, and DBT_LAST_AS_OF, its date.
   Without them everything is computed: a full refresh. Both give exactly the same rows. #}

{# Whether this model is computed on top of its existing table. #}
{% macro builds_incrementally() -%}
    {%- if this is none -%}{{ return(false) }}{%- endif -%}{# a unit test of the full query #}
    {%- if is_incremental() and execute and not env_var('DBT_LAST_LOAD', '') -%}
        {{ exceptions.raise_compiler_error(
            "There are tables of an earlier build. Run `lifecycle build`, or give dbt --full-refresh."
        ) }}
    {%- endif -%}
    {{ return(is_incremental()) }}
{%- endmacro %}

{# Whether the whole build is incremental: for the tables that list what changed. #}
{% macro is_incremental_build() -%}
    {{ return(env_var('DBT_LAST_LOAD', '') != '') }}
{%- endmacro %}

{# An intermediate table as the previous build left it. The model that calls this must run before that table is written
   again. None in a full refresh. #}
{% macro table_before(table) -%}
    {{ return(
        adapter.get_relation(database=this.database, schema=this.schema, identifier=table)
        if execute and is_incremental_build() else none
    ) }}
{%- endmacro %}

{# The number of the newest load in the previous build. #}
{% macro last_load() -%}
    cast({{ env_var('DBT_LAST_LOAD', '0') or '0' }} as bigint)
{%- endmacro %}

{# Whether a moment lies between the date of the previous build and the date of this one: it counts now, although its
   record did not change. #}
{% macro became_past(moment) -%}
    ({{ moment }} >= {{ last_as_of() }}
    and {{ moment }} < {{ as_of() }})
{%- endmacro %}

{# The date of the previous build, as a moment. #}
{% macro last_as_of() -%}
    {{ midnight(_last_as_of_date()) }}
{%- endmacro %}

{# The date of the previous build. #}
{% macro _last_as_of_date() -%}
    {{ env_var('DBT_LAST_AS_OF', '') or '1970-01-01' }}
{%- endmacro %}

{# The same as became_past for a date: it lies between the dates of the two builds. #}
{% macro date_became_past(day) -%}
    ({{ day }} >= cast('{{ _last_as_of_date() }}' as date)
    and {{ day }} < {{ as_of_date() }})
{%- endmacro %}

{# The materialization of an incremental table. Engines other than DuckDB write it anew (docs/decisions/0018). #}
{% macro incremental_table() -%}
    {{ return('incremental' if target.type == 'duckdb' else 'table') }}
{%- endmacro %}

{# What the checks have to know of an incremental table, or of a view of one: where its changed rows are listed. #}
{% macro changes_of(columns, affected) -%}
    {{ return({'only_affected_change': {'columns': columns, 'affected': affected}}) }}
{%- endmacro %}

{# Restricts the query of an incremental build to affected rows: `and column in (…)`. affected: a model of
   intermediate/affected that has a column of the same name. While dbt parses, the reference is always there, so that
   every build has the same graph. #}
{% macro only_affected(column, affected) -%}
    {%- if not execute or builds_incrementally() -%}
    and {{ column }} in (select {{ column.split('.')[-1] }} from {{ ref(affected) }})
    {%- endif -%}
{%- endmacro %}

{# The same, but also keeps the rows for which a condition holds: rows without a customer, or rows that the passing of
   time adds. #}
{% macro only_affected_or(column, affected, condition) -%}
    {%- if not execute or builds_incrementally() -%}
    and ({{ column }} in (select {{ column.split('.')[-1] }} from {{ ref(affected) }}) or {{ condition }})
    {%- endif -%}
{%- endmacro %}

{# The same for a query with one row per order. #}
{% macro only_affected_orders(alias, affected='int_affected_orders') -%}
    {%- if not execute or builds_incrementally() -%}
    and ({{ alias }}.source_system, {{ alias }}.order_id) in (
        select source_system, order_id from {{ ref(affected) }}
    )
    {%- endif -%}
{%- endmacro %}

{# Deletes the affected rows before they are written again, also those of customers who no longer exist. #}
{% macro delete_affected(column, affected) -%}
    {%- if not execute or builds_incrementally() -%}
    delete from {{ this }} where {{ column }} in (select {{ column }} from {{ ref(affected) }})
    {%- endif -%}
{%- endmacro %}

{# Deletes the rows of affected orders before they are written again, also those of orders that no longer count. #}
{% macro delete_affected_orders(affected) -%}
    {%- if not execute or builds_incrementally() -%}
    delete from {{ this }} where (source_system, order_id) in (select source_system, order_id from {{ ref(affected) }})
    {%- endif -%}
{%- endmacro %}

{# For a table whose new rows replace those with the same key: deletes the rows that a correction moved to as_of or
   later, or deleted, because no new row will replace them. records: the model that the rows come from. time: its column. #}
{% macro delete_moved_ahead(records, key, time) -%}
    {%- if not execute or builds_incrementally() -%}
    delete from {{ this }} where ({{ key | join(', ') }}) in (
        select {{ key | join(', ') }} from {{ ref(records) }}
        where
            _load_number > {{ last_load() }}
            and ({{ time }} >= {{ as_of() }} or deleted_at is not null)
    )
    {%- endif -%}
{%- endmacro %}
