{# The columns together are the key: every combination is complete and occurs once. In a build that heals the
   combinations of the touched rows, wherever else they occur. #}
{% test unique_combination(model, columns) %}
{%- set key = columns | join(', ') -%}
{%- set table = tested_table() or model %}
select
    {{ columns | join(',\n    ') }},
    count(*) as occurrence_count
from {{ table }}
{%- if model | string != table | string %}
where
    ({{ key }}) in (select {{ key }} from {{ model }})
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
{%- endif %}
group by {{ key }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
