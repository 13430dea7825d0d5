{# Arithmetic that engines do differently. #}

{# The whole part of the quotient of two positive whole numbers. #}
{% macro whole_quotient(dividend, divisor) %}{{ return(adapter.dispatch('whole_quotient')(dividend, divisor)) }}{% endmacro %}
{% macro default__whole_quotient(dividend, divisor) -%}
    (({{ dividend }}) // ({{ divisor }}))
{%- endmacro %}
{% macro spark__whole_quotient(dividend, divisor) -%}
    (({{ dividend }}) div ({{ divisor }}))
{%- endmacro %}

{# A positive amount divided by a count, rounded half up to the cent. It is computed in whole cents: DuckDB divides
   decimals as doubles, which rounds half a cent up or down by chance. #}
{% macro mean_money(amount, count) -%}
    {{ money(whole_quotient(
        '2 * cast(' ~ amount ~ ' * 100 as bigint) + ' ~ count, '2 * ' ~ count
    ) ~ ' * 0.01') }}
{%- endmacro %}

{# A sum divided by a count, rounded to six decimals, half away from zero. Null when the count is 0. It is computed in
   whole millionths: each engine has its own type and rounding for the quotient of two decimals, for avg() and for the
   cast of a double. #}
{% macro mean(total, count) -%}
    {{ quantity(whole_quotient(
        '2 * cast((' ~ total ~ ') * 1000000 as bigint) + case when ' ~ total ~ ' < 0 then -1 else 1 end * (' ~ count ~ ')',
        'nullif(2 * (' ~ count ~ '), 0)'
    ) ~ ' * 0.000001') }}
{%- endmacro %}

{# The mean of an expression over a group, without nulls. Use it instead of avg(). #}
{% macro average(expression) -%}
    {{ mean('sum(' ~ expression ~ ')', 'count(' ~ expression ~ ')') }}
{%- endmacro %}

{# The text of a whole number, such as 4 or 4.0, as an integer. Ingestion has checked that it is whole. #}
{% macro whole_number(column) %}{{ return(adapter.dispatch('whole_number')(column)) }}{% endmacro %}
{% macro default__whole_number(column) -%}
    cast({{ column }} as integer)
{%- endmacro %}
{% macro spark__whole_number(column) -%}
    cast(cast({{ column }} as decimal(38, 9)) as integer)
{%- endmacro %}
