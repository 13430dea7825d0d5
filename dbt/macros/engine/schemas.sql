{# The schemas of the warehouse. dbt passes the name of the database in quotes. dbt-duckdb 1.11 compares it with the
   quotes, finds no schema, and creates every schema again in each build. #}
{% macro duckdb__list_schemas(database) -%}
    {{ return(run_query(
        "select schema_name from system.information_schema.schemata where lower(catalog_name) = '"
        ~ (database | lower | replace('"', '')) ~ "'"
    )) }}
{%- endmacro %}
