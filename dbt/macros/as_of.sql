{# The build's logical end as a UTC timestamp, exclusive: midnight in the reporting time zone. It is the only clock that
   models may read. #}
{% macro as_of() -%}
    {{ midnight(_as_of_date()) }}
{%- endmacro %}

{# The build's logical end as a date. The last day observed is the day before it. #}
{% macro as_of_date() -%}
    cast('{{ _as_of_date() }}' as date)
{%- endmacro %}

{# The date comes from the var as_of or from the environment variable DBT_AS_OF. `lifecycle build` sets the variable:
   when a var changes, dbt parses the whole project again; when an environment variable changes, it parses only the
   models that read it. The date changes with every nightly run. #}
{% macro _as_of_date() -%}
    {%- set as_of = var('as_of') or env_var('DBT_AS_OF', '') -%}
    {%- if not as_of and execute -%}
        {{ exceptions.raise_compiler_error(
            "The build has no date. Run `lifecycle build`, or give dbt --vars '{as_of: 2025-01-31}'."
        ) }}
    {%- endif -%}
    {{ as_of or '1970-01-01' }}
{%- endmacro %}

{# A moment after every other: stands for the end of what has not ended, where a comparison needs a value. #}
{% macro never() -%}
    cast('9999-12-31 00:00:00' as timestamp)
{%- endmacro %}

{# A moment before every other: stands for the beginning of what has none. #}
{% macro always() -%}
    cast('0001-01-01 00:00:00' as timestamp)
{%- endmacro %}
