{# Arithmetic that engines do differently. #}

{# The whole part of the quotient of two positive whole numbers. #}
{% macro whole_quotient(dividend, divisor) %}{{ return(adapter.dispatch('whole_quotient')(dividend, divisor)) }}{% endmacro %}
{% macro default__whole_quotient(dividend, divisor) -%}
    (({{ dividend }}) // ({{ divisor }}))
{%- endmacro %}
{% macro spark__whole_quotient(dividend, divisor) -%}
    (({{ dividend }}) div ({{ divisor }}))
{%- endmacro %}

{# A whole number of more than the 18 digits that a bigint holds: an amount in millionths. #}
{% macro wide_number(expression) %}{{ return(adapter.dispatch('wide_number')(expression)) }}{% endmacro %}
{% macro default__wide_number(expression) -%}
    cast({{ expression }} as hugeint)
{%- endmacro %}
{% macro spark__wide_number(expression) -%}
    cast({{ expression }} as decimal(38, 0))
{%- endmacro %}

{# A positive amount divided by a count, rounded half up to the cent. It is computed in whole cents: DuckDB divides
   decimals as doubles, which rounds half a cent up or down by chance. #}
{% macro mean_money(amount, count) -%}
    {%- set cents = wide_number('cast(' ~ amount ~ ' as decimal(38, 2)) * 100') -%}
    {{ money(
        'cast(' ~ whole_quotient('2 * ' ~ cents ~ ' + ' ~ count, '2 * ' ~ count) ~ ' as bigint) * 0.01'
    ) }}
{%- endmacro %}

{# A sum divided by a count, rounded to six decimals, half away from zero. Null when the count is 0. It is computed in
   whole millionths: each engine has its own type and rounding for the quotient of two decimals, for avg() and for the
   cast of a double. #}
{% macro mean(total, count) -%}
    {%- set millionths = wide_number('cast(' ~ total ~ ' as decimal(38, 6)) * 1000000') -%}
    {%- set quotient = whole_quotient(
        '2 * ' ~ millionths ~ ' + case when ' ~ total ~ ' < 0 then -1 else 1 end * (' ~ count ~ ')',
        'nullif(2 * (' ~ count ~ '), 0)'
    ) -%}
    {{ quantity('cast(' ~ quotient ~ ' as bigint) * 0.000001') }}
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

{# An amount of money times a quotient of two others, rounded to the cent, half away from zero. Null when the divisor is
   0. Computed in whole cents, whose product needs more than 64 bits. #}
{% macro share_of_money(amount, part, whole) %}{{ return(adapter.dispatch('share_of_money')(amount, part, whole)) }}{% endmacro %}
{% macro default__share_of_money(amount, part, whole) -%}
    {{ money(rounded_quotient(amount, part, whole, 'hugeint') ~ ' * 0.01') }}
{%- endmacro %}
{% macro spark__share_of_money(amount, part, whole) -%}
    {{ money('cast(' ~ rounded_quotient(amount, part, whole, 'decimal(19, 0)') ~ ' as decimal(19, 0)) * 0.01') }}
{%- endmacro %}
{% macro rounded_quotient(amount, part, whole, type) -%}
    {%- set a, p, w = [amount, part, whole] | map('string') | map('trim') -%}
    (case when ({{ a }} < 0) <> (({{ p }} < 0) <> ({{ w }} < 0)) then -1 else 1 end)
    * {{ whole_quotient(
        '2 * cast(abs(' ~ a ~ ') * 100 as ' ~ type ~ ') * cast(abs(' ~ p ~ ') * 100 as ' ~ type ~ ')'
        ~ ' + cast(abs(' ~ w ~ ') * 100 as ' ~ type ~ ')',
        'nullif(2 * cast(abs(' ~ w ~ ') * 100 as ' ~ type ~ '), 0)'
    ) }}
{%- endmacro %}
