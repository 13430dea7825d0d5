{# Seeds on Spark. dbt-spark turns every whole number into a bigint, writes nulls as the text None, and fails on an
   apostrophe. The macros below replace its own. #}

{% macro seed_type(model, agate_table, index) -%}
    {%- set inferred = adapter.convert_type(agate_table, index) -%}
    {%- set inferred = 'int' if inferred == 'bigint' else inferred -%}
    {{ return(model['config'].get('column_types', {}).get(agate_table.column_names[index], inferred)) }}
{%- endmacro %}

{% macro seed_value(value) -%}
    {%- if value is none -%}null
    {%- else -%}'{{ value | string | replace('\\', '\\\\') | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}

{% macro spark__create_csv_table(model, agate_table) %}
    {% set sql %}
        create table {{ this.render() }} (
            {%- for name in agate_table.column_names %}
            {{ adapter.quote(name) }} {{ seed_type(model, agate_table, loop.index0) }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        )
        {{ file_format_clause() }}
        {{ location_clause() }}
    {% endset %}
    {% call statement('_') -%}{{ sql }}{%- endcall %}
    {{ return(sql) }}
{% endmacro %}

{% macro spark__load_csv_rows(model, agate_table) %}
    {% set statements = [] %}
    {% for chunk in agate_table.rows | batch(get_batch_size()) %}
        {% set sql %}
            insert into {{ this.render() }} values
            {%- for row in chunk %}
            (
                {%- for value in row -%}
                cast({{ seed_value(value) }} as {{ seed_type(model, agate_table, loop.index0) }})
                {%- if not loop.last %}, {% endif %}
                {%- endfor -%}
            )
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        {% endset %}
        {% do adapter.add_query(sql, abridge_sql_log=True) %}
        {% do statements.append(sql) %}
    {% endfor %}
    {{ return(statements[0] if statements else '') }}
{% endmacro %}
