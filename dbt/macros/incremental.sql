{# How a build on top of the last one computes only what changed (docs/decisions/0018). The last build is named by
   DBT_LAST_LOAD, the number of the last load it knew, and DBT_LAST_AS_OF, its date; without them everything is
   computed. A build that heals gives exactly the rows that a full one gives. #}

{# Whether this model is being computed on top of its last state. #}
{% macro builds_incrementally() -%}
    {%- if this is none -%}{{ return(false) }}{%- endif -%}{# a unit test of the whole computation #}
    {%- if is_incremental() and execute and not env_var('DBT_LAST_LOAD', '') -%}
        {{ exceptions.raise_compiler_error(
            "There are tables of an earlier build. Run `lifecycle build`, or give dbt --full-refresh."
        ) }}
    {%- endif -%}
    {{ return(is_incremental()) }}
{%- endmacro %}

{# Whether the build as a whole stands on the last one: for tables that list what changed. #}
{% macro is_incremental_build() -%}
    {{ return(env_var('DBT_LAST_LOAD', '') != '') }}
{%- endmacro %}

{# An intermediate table as the last build left it: for models that run before it is written again, which it must
   be made to wait for. None when everything is computed. #}
{% macro table_before(table) -%}
    {{ return(
        adapter.get_relation(database=this.database, schema=this.schema, identifier=table)
        if execute and is_incremental_build() else none
    ) }}
{%- endmacro %}

{# Its columns of keys; no rows when everything is computed. #}
{% macro keys_before(table, columns) -%}
    {%- set before = table_before(table) -%}
    {%- if before -%}
    select {{ columns | join(', ') }} from {{ before }}
    {%- else -%}
    select
        {%- for column in columns %}
        cast(null as {{ type_key() }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endif -%}
{%- endmacro %}

{# The number of the last load that the last build knew. #}
{% macro last_load() -%}
    cast({{ env_var('DBT_LAST_LOAD', '0') or '0' }} as bigint)
{%- endmacro %}

{# Whether time alone made a moment count since the last build: between its date and this one's. #}
{% macro became_past(moment) -%}
    ({{ moment }} >= {{ last_as_of() }}
    and {{ moment }} < {{ as_of() }})
{%- endmacro %}

{# The date of the last build, as a moment: what was over by then is in its tables. #}
{% macro last_as_of() -%}
    cast('{{ env_var('DBT_LAST_AS_OF', '') or '1970-01-01' }} 00:00:00' as timestamp)
{%- endmacro %}

{# How a table that heals is kept: engines other than DuckDB write it anew (docs/decisions/0018). #}
{% macro incremental_table() -%}
    {{ return('incremental' if target.type == 'duckdb' else 'table') }}
{%- endmacro %}

{# The configuration of a table that forgets what was touched and gets it written again. column: what it forgets
   by; touched: one of the models of intermediate/affected, whose column has the same name. Only rows of touched keys
   are ever written, so checks need to look at no others (dbt/macros/checks.sql); a table to which time alone
   adds rows of others says `only_affected_change=false`. #}
{% macro incremental_by(column, touched, only_affected_change=true) -%}
    {{ return(incremental_config([column], touched, "delete_affected('" ~ column ~ "', '" ~ touched ~ "')", only_affected_change)) }}
{%- endmacro %}

{# What a table that heals, or a view of one, tells the checks. #}
{% macro changes_of(columns, touched) -%}
    {{ return({'only_affected_change': {'columns': columns, 'touched': touched}}) }}
{%- endmacro %}

{# The same for tables whose rows belong to orders. #}
{% macro incremental_by_order(touched='int_affected_orders_of_customers') -%}
    {{ return(incremental_config(['source_system', 'order_id'], touched, "delete_affected_orders('" ~ touched ~ "')", true)) }}
{%- endmacro %}

{% macro incremental_config(columns, touched, forget, only_affected_change) -%}
    {{ return({
        'materialized': incremental_table(),
        'incremental_strategy': 'append',
        'on_schema_change': 'fail',
        'pre_hook': '{{ ' ~ forget ~ ' }}',
        'meta': changes_of(columns, touched) if only_affected_change else {},
    }) }}
{%- endmacro %}

{# Restricts a query to what is touched, when the build heals: `and column in (…)`. touched: one of the models
   of intermediate/affected, whose column has the same name. When the project is parsed the
   reference is always made, so that the graph is the same in every build. #}
{% macro only_affected(column, touched) -%}
    {%- if not execute or builds_incrementally() -%}
    and {{ column }} in (select {{ column.split('.')[-1] }} from {{ ref(touched) }})
    {%- endif -%}
{%- endmacro %}

{# The same, or what another condition names: rows of nobody, rows that appear when their time is over. #}
{% macro only_affected_or(column, touched, condition) -%}
    {%- if not execute or builds_incrementally() -%}
    and ({{ column }} in (select {{ column.split('.')[-1] }} from {{ ref(touched) }}) or {{ condition }})
    {%- endif -%}
{%- endmacro %}

{# Before the touched rows are written again: forgets them all, also those of customers who are no more. #}
{% macro delete_affected(column, touched) -%}
    {%- if not execute or builds_incrementally() -%}
    delete from {{ this }} where {{ column }} in (select {{ column }} from {{ ref(touched) }})
    {%- endif -%}
{%- endmacro %}

{# The same for tables with a row per order. #}
{% macro only_affected_orders(alias, touched='int_affected_orders') -%}
    {%- if not execute or builds_incrementally() -%}
    and ({{ alias }}.source_system, {{ alias }}.order_id) in (
        select source_system, order_id from {{ ref(touched) }}
    )
    {%- endif -%}
{%- endmacro %}

{# Before the rows of touched orders are written again: forgets them all, also those that no longer count. #}
{% macro delete_affected_orders(touched) -%}
    {%- if not execute or builds_incrementally() -%}
    delete from {{ this }} where (source_system, order_id) in (select source_system, order_id from {{ ref(touched) }})
    {%- endif -%}
{%- endmacro %}

{# For a table whose new rows take the place of those with their key: forgets what a correction moved to as_of or after
   it, of which no row will come. records: the model that the rows are made of; time: its column. #}
{% macro delete_moved_ahead(records, key, time) -%}
    {%- if not execute or builds_incrementally() -%}
    delete from {{ this }} where ({{ key | join(', ') }}) in (
        select {{ key | join(', ') }} from {{ ref(records) }}
        where
            _load_number > {{ last_load() }}
            and {{ time }} >= {{ as_of() }}
    )
    {%- endif -%}
{%- endmacro %}
