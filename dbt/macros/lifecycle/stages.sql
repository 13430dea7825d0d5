{# The lifecycles in use, from dbt/lifecycles.yml: relationship, journey and those that the var `extra_lifecycles`
   names. `lifecycle build` passes the file to dbt as vars. #}
{% macro lifecycles() -%}
    {%- if not var('lifecycles', []) and execute -%}
        {{ exceptions.raise_compiler_error(
            "The lifecycles in dbt/lifecycles.yml are not given (var `lifecycles`). Run `lifecycle build`."
        ) }}
    {%- endif -%}
    {%- set used = [] -%}
    {%- for lifecycle in var('lifecycles', []) -%}
        {%- if not lifecycle.get('is_extra') or lifecycle.code in var('extra_lifecycles') -%}
            {%- do used.append(lifecycle) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(used) }}
{%- endmacro %}

{# The codes of the lifecycles in use, as a list of SQL literals. #}
{% macro lifecycle_codes() -%}
    '{{ lifecycles() | map(attribute='code') | join("', '") }}'
{%- endmacro %}

{# The stage of a lifecycle as a case expression: the first predicate that holds. #}
{% macro stage_of(lifecycle) -%}
    case
        {%- for stage in lifecycle.stages %}
        when {{ stage.when }} then '{{ stage.code }}'
        {%- endfor %}
    end
{%- endmacro %}

{# How well an activity explains the entry into a stage: its position in the stage's `evidence`, or 100 if it is not in
   that list. It reads the relations `entries` and `changes`. #}
{% macro evidence_preference(lifecycles) -%}
    case
        {%- for lifecycle in lifecycles %}
        {%- for stage in lifecycle.stages %}
        {%- for activity in stage.evidence %}
        when
            entries.lifecycle = '{{ lifecycle.code }}'
            and entries.stage = '{{ stage.code }}'
            and changes.activity = '{{ activity }}'
            then {{ loop.index }}
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        else 100
    end
{%- endmacro %}
