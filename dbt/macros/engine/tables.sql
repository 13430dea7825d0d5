{# How DuckDB writes a table. It is what dbt-duckdb does, but key columns get a declared compression. Otherwise DuckDB
   also builds a dictionary of each, only to find that hardly a key repeats: 40 % of the cost of writing such a table,
   for the same size (docs/decisions/0029). #}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
    {%- set is_contracted = config.get('contract').enforced -%}
    {#- An incremental build follows a build of the same models, which compared their columns. That the incremental
       queries give the same columns is checked by tests/integration/test_demo_build.py. #}
    {%- if is_contracted and not is_incremental_build() -%}
        {{ get_assert_columns_equivalent(compiled_code) }}
    {%- endif %}
    {{ create_temporary_table(relation, compiled_code) if temporary
        else create_stored_table(relation, compiled_code, is_contracted) }}
{%- endmacro %}

{% macro create_temporary_table(relation, compiled_code) -%}
    create temporary table {{ relation.include(database=false, schema=false) }} as (
        {{ compiled_code }}
    )
{%- endmacro %}

{% macro create_stored_table(relation, compiled_code, is_contracted) -%}
    {%- set columns = adapter.render_raw_columns_constraints(raw_columns=model['columns'])
        if is_contracted else columns_of_query(compiled_code) %}
    create table {{ relation }} (
        {%- for column in columns %}
        {{ stored_column(column) }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    );
    insert into {{ relation }} {{ get_column_names() if is_contracted }} (
        {{ get_select_subquery(compiled_code) if is_contracted else compiled_code }}
    )
{%- endmacro %}

{# The columns of a query as `create table` expects them: name and type. #}
{% macro columns_of_query(query) -%}
    {%- set columns = [] -%}
    {%- for column in get_column_schema_from_query(query) -%}
        {%- do columns.append(adapter.quote(column.name) ~ ' ' ~ column.dtype) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{# A column definition (name, type, constraints) as it is stored. A hashed key becomes a number. Other keys are text
   with the compression that DuckDB would choose in the end; it takes another one where this one does not work. #}
{% macro stored_column(column) -%}
    {%- set words = column.split(' ') -%}
    {%- set name = words[0] | replace('"', '') -%}
    {%- if not is_text(words[1]) -%}
        {{- column -}}
    {%- elif is_hashed_key(name) -%}
        {{- words[0] }} {{ type_key() }} {{ words[2:] | join(' ') -}}
    {%- elif is_distinct_key(name) -%}
        {{- words[:2] | join(' ') }} using compression fsst {{ words[2:] | join(' ') -}}
    {%- else -%}
        {{- column -}}
    {%- endif -%}
{%- endmacro %}

{# Whether a column of this name holds keys with many different values. Products, content and models are few. #}
{% macro is_distinct_key(name) -%}
    {{ return(
        (name.endswith('_id') or name.endswith('_key') or name in ('email', 'phone', 'identifier', 'contact'))
        and name not in ('product_id', 'content_id', 'model_id', 'build_id', 'load_id')
    ) }}
{%- endmacro %}
