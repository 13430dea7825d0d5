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
