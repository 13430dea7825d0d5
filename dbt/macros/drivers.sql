{# Conditions before a loss or before a second order, and how they are compared (docs/definitions.md, "Drivers"). #}

{# Every condition that is compared. `at_order`: known when the order is placed; the others are looked for until
   driver_landmark_days after it. `outcomes`: where it is compared. Labels are in seeds/reference/driver_conditions.csv. #}
{% macro driver_conditions(outcome=none) -%}
    {%- set both = ['lost', 'second_order'] -%}
    {%- set conditions = [
        {'condition': 'negative_opinion', 'at_order': false, 'outcomes': both},
        {'condition': 'refund', 'at_order': false, 'outcomes': both},
        {'condition': 'late_delivery', 'at_order': false, 'outcomes': both},
        {'condition': 'unresolved_ticket', 'at_order': false, 'outcomes': ['lost']},
        {'condition': 'price', 'at_order': true, 'outcomes': ['lost']},
        {'condition': 'discounted_order', 'at_order': true, 'outcomes': ['second_order']},
        {'condition': 'several_products', 'at_order': true, 'outcomes': ['second_order']},
        {'condition': 'positive_opinion', 'at_order': false, 'outcomes': ['second_order']},
        {'condition': 'support_ticket', 'at_order': false, 'outcomes': ['second_order']},
        {'condition': 'question', 'at_order': false, 'outcomes': ['second_order']},
        {'condition': 'thank_you', 'at_order': false, 'outcomes': ['second_order']},
        {'condition': 'follow_up', 'at_order': false, 'outcomes': ['second_order']},
        {'condition': 'message_read', 'at_order': false, 'outcomes': ['second_order']},
        {'condition': 'offer', 'at_order': false, 'outcomes': ['second_order']},
    ] -%}
    {%- set found = [] -%}
    {%- for condition in conditions if outcome is none or outcome in condition.outcomes -%}
        {%- do found.append(condition) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# The deviation of a standard normal variable that is exceeded with a small probability (at most 0.025), to seven
   digits. P. J. Acklam's rational approximation (2003), its tail. #}
{% macro normal_deviation(tail) -%}
    {%- set root = 'sqrt(-2 * ln(' ~ tail ~ '))' -%}
    {%- set upper = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734,
        4.374664141464968, 2.938163982698783] -%}
    {%- set lower = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1.0] -%}
    (-({{ horner(upper, root) }}) / ({{ horner(lower, root) }}))
{%- endmacro %}

{# A polynomial, from its highest power down. Coefficients are written as doubles. #}
{% macro horner(coefficients, variable) -%}
    {%- set sum = namespace(sql='cast(' ~ coefficients[0] ~ ' as double)') -%}
    {%- for coefficient in coefficients[1:] -%}
        {%- set sum.sql = '(' ~ sum.sql ~ ' * ' ~ variable ~ ' + cast(' ~ coefficient ~ ' as double))' -%}
    {%- endfor -%}
    {{ return(sum.sql) }}
{%- endmacro %}
