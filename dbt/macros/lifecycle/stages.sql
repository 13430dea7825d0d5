{# The lifecycles in use: those that always are, and those that the var `extra_lifecycles` names. #}
{% macro lifecycles() -%}
    {%- set used = [] -%}
    {%- for lifecycle in var('lifecycles') -%}
        {%- if not lifecycle.get('is_extra') or lifecycle.code in var('extra_lifecycles') -%}
            {%- do used.append(lifecycle) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(used) }}
{%- endmacro %}

{# Their codes, as a list of SQL literals. #}
{% macro lifecycle_codes() -%}
    '{{ lifecycles() | map(attribute='code') | join("', '") }}'
{%- endmacro %}

{# A lifecycle's stage as a case expression: the first predicate that holds. #}
{% macro stage_of(lifecycle) -%}
    case
        {%- for stage in lifecycle.stages %}
        when {{ stage.when }} then '{{ stage.code }}'
        {%- endfor %}
    end
{%- endmacro %}

{# How well an activity explains an entry: its place in the stage's own list of evidence, else after all of
   them. `lifecycle`, `stage` and `activity` are columns. #}
{% macro evidence_preference(lifecycles) -%}
    case
        {%- for lifecycle in lifecycles %}
        {%- for stage in lifecycle.stages %}
        {%- for activity in stage.evidence %}
        when lifecycle = '{{ lifecycle.code }}' and stage = '{{ stage.code }}' and changes.activity = '{{ activity }}' then {{ loop.index }}
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        else 100
    end
{%- endmacro %}
