{# A rating in stars, 1 to 5, from text as people and systems write it: 4, `4,5`, `five`, `8/10`, `8 of 10`, `80 %`. A
   scale in the text goes before the declared one in `scale`: 8 of 10 is 4 stars. Less than one star is one star.
   Ingestion has checked that it is a rating (dagster_project/ingestion/stars.py). #}
{% macro stars(rating, scale) -%}
    {%- set words = ['one', 'two', 'three', 'four', 'five'] -%}
    {%- set ns = namespace(text="lower(replace(trim(" ~ rating ~ "), ',', '.'))") -%}
    {%- for found, written in [(' out of ', '/'), (' of ', '/'), ('%', '/100')] -%}
        {%- set ns.text = "replace(" ~ ns.text ~ ", '" ~ found ~ "', '" ~ written ~ "')" -%}
    {%- endfor -%}
    {%- set own = "trim(" ~ dbt.split_part(ns.text, "'/'", 1) ~ ")" -%}
    {%- set own_scale = "trim(" ~ dbt.split_part(ns.text, "'/'", 2) ~ ")" -%}
    {%- set number -%}
        cast(case {{ own }} {% for word in words %}when '{{ word }}' then '{{ loop.index }}' {% endfor %}else {{ own }} end as decimal(18, 6))
    {%- endset -%}
    {%- set top -%}
        cast(
            cast(
                case
                    when {{ own }} in ('{{ words | join("', '") }}') then null
                    when {{ own_scale }} <> '' then {{ own_scale }}
                    else {{ scale }}
                end as decimal(18, 6)
            ) as integer
        )
    {%- endset -%}
    cast(
        case
            when {{ top }} is null then {{ number }}
            else greatest({{ mean(number ~ ' * 5', top) }}, 1)
        end as decimal(3, 2)
    )
{%- endmacro %}
