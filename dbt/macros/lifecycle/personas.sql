{# A customer's persona as a case expression: the first predicate that holds (dbt_project.yml, var `personas`). #}
{% macro persona_of(personas) -%}
    case
        {%- for persona in personas %}
        when {{ persona.when }} then '{{ persona.code }}'
        {%- endfor %}
    end
{%- endmacro %}
