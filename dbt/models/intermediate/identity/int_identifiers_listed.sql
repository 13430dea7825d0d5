-- One row per person_key and identifier on it. A contact id is unique within its system; e-mail,
-- phone and external id mean the same person in every system. The identifier's key is a pseudonym.
-- The key of a customer's earliest identifier is the customer id.
-- depends_on: {{ ref('int_identifiers_before') }} (it reads the previous table)
{{ config(**incremental_by('person_key', 'int_affected_person_keys')) }}
with person_keys as (
    select
        observed.person_key,
        observed.source_system,
        observed.contact_id,
        observed.email,
        phones.phone_number as phone,
        observed.external_id,
        observed.first_seen_at
    from {{ ref('int_person_keys_observed') }} as observed
    left join {{ ref('int_phone_numbers') }} as phones
        on observed.phone = phones.phone
    where true {{ only_affected('observed.person_key', 'int_affected_person_keys') }}
),

listed as (
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
)

select
    listed.person_key,
    {{ as_key(pseudonym(
        dbt.concat([
            "listed.identifier_type", "':'", "listed.identifier_scope", "':'", "listed.identifier",
        ]),
        'pseudonym_key.inner_pad', 'pseudonym_key.outer_pad'
    )) }} as identifier_key,
    listed.identifier_type,
    listed.type_rank,
    listed.identifier_scope,
    listed.identifier,
    listed.contact,
    listed.first_seen_at
from listed
cross join {{ source('ingest', 'pseudonym_key') }} as pseudonym_key
