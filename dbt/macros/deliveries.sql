{# Every version of every record that the enabled systems delivered in the generic format, with where it stood: its
   load's number and its row. columns: the delivered columns that become trimmed text; times: those that stay
   as they were delivered, for utc_time (what is a time already need not become text and a time again). #}
{% macro deliveries(entity, columns, times=[]) %}
    {%- for system in var('generic_systems') %}
    select
        '{{ system }}' as source_system,
        {%- for column in columns %}
        {{ text(column) }} as {{ column }},
        {%- endfor %}
        {%- for column in times %}
        {{ column }},
        {%- endfor %}
        _load_number,
        _source_row
    from {{ source('raw_' ~ system, entity) }}
    where {{ is_known(system) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endmacro %}

{# Whether a row of raw counts in this build: its system is enabled (a disabled system's rows stay in raw and
   nowhere else), and it had arrived by the day that a build `--known-at` that day asks for. #}
{% macro is_known(system) -%}
    {{ 'true' if system in var('systems') else 'false' }}
    {%- if env_var('DBT_KNOWN_AT', '') %}
    and _loaded_at < cast('{{ env_var('DBT_KNOWN_AT') }} 00:00:00' as timestamp)
    {%- endif %}
{%- endmacro %}

{# The newest version of every record of several staging models: by the source's own time of change, else
   load order, else position. A build on top of the last one reads the new loads alone, and compares their
   records with the versions it has.
   key: what identifies a record; names_person: whether it carries identifiers of a person;
   remembers: a column (person_key, order_id, unit_cost) whose value in the version just replaced stays beside
   the new one as replaced_<column>, so that who or what it used to belong to is rebuilt too; remembered_as:
   its type, where that is neither a key nor text. #}
{% macro newest_versions(
    relations, key, columns, names_person=false, remembers=none, remembered_as=none
) %}
{%- if builds_incrementally() -%}
{{ _newest_of_new_and_known(relations, key, columns, names_person, remembers) }}
{%- else -%}
{%- set remembered_as = remembered_as or (type_key() if is_hashed_key(remembers or '') else dbt.type_string()) -%}
{{ _newest_of_all(relations, key, columns, names_person, remembers, remembered_as) }}
{%- endif -%}
{% endmacro %}

{# Everything: most records were delivered once and go straight through, in one pass and whatever the memory.
   Only the places of the others' versions are ordered, by key, and all but the newest are left out of the pass.
   Keys are compared as numbers first: should two keys share a number, they are ordered too, each by itself. The
   relations are written out each time: a common table would be kept whole. #}
{% macro _newest_of_all(relations, key, columns, names_person, remembers, remembered_as) %}
{%- set number = key_number(key) -%}
with repeated_keys as (
    select delivered_key
    from (
        {%- for relation in relations %}
        select {{ number }} as delivered_key from {{ relation }}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as delivered
    group by delivered_key
    having count(*) > 1
),

placed as (
    select
        {{ key | join(', ') }},
        _load_number,
        _source_row,
        {%- for place in ['_load_number', '_source_row'] %}
        first_value({{ place }}) over (
            partition by {{ key | join(', ') }}
            order by _version_at desc nulls last, _load_number desc, _source_row desc
        ) as newest{{ place }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from (
        {%- for relation in relations %}
        select {{ key | join(', ') }}, _version_at, _load_number, _source_row
        from {{ relation }}
        where {{ number }} in (select delivered_key from repeated_keys)
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as versions
),

superseded as (
    select {{ key | join(', ') }}, _load_number, _source_row
    from placed
    where
        _load_number <> newest_load_number
        or _source_row <> newest_source_row
)
{%- for relation in relations %}
select
    {%- for column in columns %}
    delivered.{{ column }},
    {%- endfor %}
    {%- if names_person %}
    {{ person_key('delivered') }} as person_key,
    {%- endif %}
    {%- if remembers %}
    cast(null as {{ remembered_as }}) as replaced_{{ remembers }},
    {%- endif %}
    delivered._version_at,
    delivered._load_number,
    delivered._source_row
from {{ relation }} as delivered
left join superseded
    on {{ key_matches(key, 'delivered', 'superseded') }}
    and delivered._load_number = superseded._load_number
    and delivered._source_row = superseded._source_row
where superseded._load_number is null
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{% endmacro %}

{% macro key_matches(key, one, other) -%}
    {%- for column in key -%}
    {{ 'and ' if not loop.first }}{{ one }}.{{ column }} = {{ other }}.{{ column }}
    {% endfor -%}
{%- endmacro %}

{# The records of new loads, and the versions of them that are known. #}
{% macro _newest_of_new_and_known(relations, key, columns, names_person, remembers) %}
{%- set kept = columns + (['person_key'] if names_person else []) -%}
with delivered as (
    {%- for relation in relations %}
    select
        {{ columns | join(',\n        ') }},
        _version_at,
        _load_number,
        _source_row
    from {{ relation }}
    where _load_number > {{ last_load() }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

versions as (
    select
        {{ columns | join(',\n        ') }},
        {%- if names_person %}
        {{ person_key('delivered') }} as person_key,
        {%- endif %}
        _version_at,
        _load_number,
        _source_row
    from delivered
    union all
    select
        {{ kept | join(',\n        ') }},
        _version_at,
        _load_number,
        _source_row
    from {{ this }}
    where ({{ key | join(', ') }}) in (select {{ key | join(', ') }} from delivered)
),

ranked as (
    select
        versions.*,
        {%- if remembers %}
        max(case when _load_number <= {{ last_load() }} then {{ remembers }} end) over (
            partition by {{ key | join(', ') }}
        ) as replaced_{{ remembers }},
        {%- endif %}
        row_number() over (
            partition by {{ key | join(', ') }}
            order by _version_at desc nulls last, _load_number desc, _source_row desc
        ) as version_rank
    from versions
)

select
    {{ kept | join(',\n    ') }},
    {%- if remembers %}
    replaced_{{ remembers }},
    {%- endif %}
    _version_at,
    _load_number,
    _source_row
from ranked
where version_rank = 1
{% endmacro %}
