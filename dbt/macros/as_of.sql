{# The build's logical end as a UTC timestamp, exclusive. The only clock that models may read. #}
{% macro as_of() -%}
    cast('{{ _as_of_date() }} 00:00:00' as timestamp)
{%- endmacro %}

{# The build's logical end as a date; the last day observed is the day before it. #}
{% macro as_of_date() -%}
    cast('{{ _as_of_date() }}' as date)
{%- endmacro %}

{% macro _as_of_date() -%}
    {%- if var('as_of') is none and execute -%}
        {{ exceptions.raise_compiler_error(
            "The var as_of is not set. Run `lifecycle build`, or give dbt --vars '{as_of: 2025-01-31}'."
        ) }}
    {%- endif -%}
    {{ var('as_of') or '1970-01-01' }}
{%- endmacro %}
