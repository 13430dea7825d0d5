{# The latest version of every record that the enabled systems delivered in the generic format.
   columns: the delivered columns, all as trimmed text; key: what identifies a record in its system;
   newest: the column that orders versions, else load order, else position in the file. #}
{% macro latest_deliveries(entity, columns, key, newest=none) %}
    select
        source_system,
        {{ columns | join(',\n        ') }}
    from (
        select
            delivered.*,
            row_number() over (
                partition by source_system, {{ key | join(', ') }}
                order by
                    {% if newest %}{{ utc_time(newest) }} desc nulls last,{% endif %}
                    _load_number desc,
                    _source_row desc
            ) as version_rank
        from (
            {%- for system in var('generic_systems') %}
            select
                '{{ system }}' as source_system,
                {%- for column in columns %}
                {{ text(column) }} as {{ column }},
                {%- endfor %}
                _load_number,
                _source_row
            from {{ source('raw_' ~ system, entity) }}
            where {{ 'true' if system in var('systems') else 'false' }}
            {%- if not loop.last %}
            union all
            {%- endif %}
            {%- endfor %}
        ) as delivered
    ) as versions
    where version_rank = 1
{% endmacro %}

{# Whether a system counts in this build: a disabled system's rows stay in raw and nowhere else. #}
{% macro is_enabled(system) -%}
    {{ 'true' if system in var('systems') else 'false' }}
{%- endmacro %}

{# The same columns of several staging models, one after another. #}
{% macro union_of(relations, columns) %}
    {%- for relation in relations %}
    select
        {{ columns | join(',\n        ') }}
    from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endmacro %}
