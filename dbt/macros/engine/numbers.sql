{# Numbers, where engines differ. #}

{# Whole part of a division of two positive whole numbers. #}
{% macro whole_quotient(dividend, divisor) %}{{ return(adapter.dispatch('whole_quotient')(dividend, divisor)) }}{% endmacro %}
{% macro default__whole_quotient(dividend, divisor) -%}
    (({{ dividend }}) // ({{ divisor }}))
{%- endmacro %}
{% macro spark__whole_quotient(dividend, divisor) -%}
    (({{ dividend }}) div ({{ divisor }}))
{%- endmacro %}

{# A positive amount divided among a count, to the cent, half up. In whole cents: DuckDB divides decimals as
   doubles, which puts half a cent on either side. #}
{% macro mean_money(amount, count) -%}
    {{ money(whole_quotient(
        '2 * cast(' ~ amount ~ ' * 100 as bigint) + ' ~ count, '2 * ' ~ count
    ) ~ ' * 0.01') }}
{%- endmacro %}

{# A sum divided among a count, to six decimals, half away from zero; null when the count is 0. In whole millionths:
   every engine has its own type, and its own rounding, for the quotient of two decimals, for avg() and for casting a
   double. #}
{% macro mean(total, count) -%}
    {{ quantity(whole_quotient(
        '2 * cast((' ~ total ~ ') * 1000000 as bigint) + case when ' ~ total ~ ' < 0 then -1 else 1 end * (' ~ count ~ ')',
        'nullif(2 * (' ~ count ~ '), 0)'
    ) ~ ' * 0.000001') }}
{%- endmacro %}

{# The mean of an expression over a group, nulls left out: mean() in place of avg(). #}
{% macro average(expression) -%}
    {{ mean('sum(' ~ expression ~ ')', 'count(' ~ expression ~ ')') }}
{%- endmacro %}

{# Text of a whole number, also written as 4.0, as an integer. Ingestion has checked that it is whole. #}
{% macro whole_number(column) %}{{ return(adapter.dispatch('whole_number')(column)) }}{% endmacro %}
{% macro default__whole_number(column) -%}
    cast({{ column }} as integer)
{%- endmacro %}
{% macro spark__whole_number(column) -%}
    cast(cast({{ column }} as decimal(38, 9)) as integer)
{%- endmacro %}
