{# The schemas of the warehouse. dbt asks with the database's name in quotes, which dbt-duckdb 1.11 compares as they are:
   it finds none, and creates each schema again, every night. #}
{% macro duckdb__list_schemas(database) -%}
    {{ return(run_query(
        "select schema_name from system.information_schema.schemata where lower(catalog_name) = '"
        ~ (database | lower | replace('"', '')) ~ "'"
    )) }}
{%- endmacro %}
