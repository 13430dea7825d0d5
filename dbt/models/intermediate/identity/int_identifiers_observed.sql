-- One row per person_key and identifier on it. A contact id belongs to its system; e-mail, phone and
-- external id mean the same person everywhere. `is_joining` is false for an identifier that too many
-- contacts share (an info@ box), unless the record has nothing better.
with person_keys as (
    select
        person_key,
        source_system,
        contact_id,
        email,
        phone,
        external_id,
        first_seen_at
    from {{ ref('int_person_keys_observed') }}
),

thresholds as (
    select identity_max_contacts from {{ ref('int_thresholds') }}
),

identifiers as (
    {%- for type in ['contact_id', 'external_id', 'email', 'phone'] %}
    select
        person_key,
        '{{ type }}' as identifier_type,
        {{ loop.index }} as type_rank,
        {{ 'source_system' if type == 'contact_id' else "''" }} as identifier_scope,
        {{ type }} as identifier,
        {{ dbt.concat(["source_system", "'|'", "contact_id"]) }} as contact,
        first_seen_at
    from person_keys
    where {{ type }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

shared as (
    select
        identifier_type,
        identifier
    from identifiers
    where identifier_type <> 'contact_id'
    group by identifier_type, identifier
    having count(distinct contact) > (select identity_max_contacts from thresholds)
),

marked as (
    select
        identifiers.person_key,
        identifiers.identifier_type,
        identifiers.type_rank,
        identifiers.identifier_scope,
        identifiers.identifier,
        identifiers.first_seen_at,
        shared.identifier is not null as is_shared
    from identifiers
    left join shared
        on identifiers.identifier_type = shared.identifier_type
        and identifiers.identifier = shared.identifier
),

counted as (
    select
        marked.*,
        sum(case when is_shared then 0 else 1 end) over (partition by person_key) as own_count
    from marked
)

select
    person_key,
    identifier_type,
    type_rank,
    identifier_scope,
    identifier,
    first_seen_at,
    is_shared,
    not is_shared or own_count = 0 as is_joining
from counted
