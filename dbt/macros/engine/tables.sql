{# How DuckDB writes a table: as dbt-duckdb does, but for columns of keys, which are told how to be compressed. Left to
   itself DuckDB also builds a dictionary of each, to find that hardly a key repeats: 40 % of what writing such a
   table costs, for the same size (docs/decisions/0029). #}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
    {%- set is_contracted = config.get('contract').enforced -%}
    {#- A night stands on a build of the same models, whose columns were compared then; that the rows a night adds have
       the same is for tests/integration/test_demo_build.py. #}
    {%- if is_contracted and not is_incremental_build() -%}
        {{ get_assert_columns_equivalent(compiled_code) }}
    {%- endif %}
    {%- if temporary %}
    create temporary table {{ relation.include(database=false, schema=false) }} as (
        {{ compiled_code }}
    )
    {%- else %}
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
    {%- endif %}
{%- endmacro %}

{# The columns that a query gives, each as `create table` wants it: name and type. #}
{% macro columns_of_query(query) -%}
    {%- set columns = [] -%}
    {%- for column in get_column_schema_from_query(query) -%}
        {%- do columns.append(adapter.quote(column.name) ~ ' ' ~ column.dtype) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{# A column (name, type and what else there is) as it is stored: a hashed key as a number, and the text of other keys
   with the compression that it ends up with anyway. DuckDB takes another where that one cannot be used. #}
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

{# Whether a column of this name holds keys of which there are many. Of products, content and models there are few. #}
{% macro is_distinct_key(name) -%}
    {{ return(
        (name.endswith('_id') or name.endswith('_key') or name in ('email', 'phone', 'identifier', 'contact'))
        and name not in ('product_id', 'content_id', 'model_id', 'build_id', 'load_id')
    ) }}
{%- endmacro %}
