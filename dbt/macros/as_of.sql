{# The build's logical end as a UTC timestamp, exclusive. The only clock that models may read. #}
{% macro as_of() -%}
    cast('{{ _as_of_date() }} 00:00:00' as timestamp)
{%- endmacro %}

{# The build's logical end as a date; the last day observed is the day before it. #}
{% macro as_of_date() -%}
    cast('{{ _as_of_date() }}' as date)
{%- endmacro %}

{# Given as the var as_of, or in the environment: dbt parses the whole project again when a var changes,
   but only the models that use it when a variable of the environment does, and this one changes nightly. #}
{% macro _as_of_date() -%}
    {%- set as_of = var('as_of') or env_var('DBT_AS_OF', '') -%}
    {%- if not as_of and execute -%}
        {{ exceptions.raise_compiler_error(
            "The build has no date. Run `lifecycle build`, or give dbt --vars '{as_of: 2025-01-31}'."
        ) }}
    {%- endif -%}
    {{ as_of or '1970-01-01' }}
{%- endmacro %}

{# A moment after everything: for what has not ended, where a comparison needs a value. #}
{% macro never() -%}
    cast('9999-12-31 00:00:00' as timestamp)
{%- endmacro %}

{# A moment before everything: for what has no beginning. #}
{% macro always() -%}
    cast('0001-01-01 00:00:00' as timestamp)
{%- endmacro %}
