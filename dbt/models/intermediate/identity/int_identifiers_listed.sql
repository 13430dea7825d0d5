-- One row per person_key and identifier on it, without placeholders. A contact id is unique within
-- its system; e-mail, phone and external id mean the same person in every system. A contact that
-- the CRM merged into another one carries the other's id too (is_merge). The identifier's key is a
-- pseudonym. The key of a customer's earliest identifier is the customer id.
-- depends_on: {{ ref('int_identifiers_before') }} (it reads the previous table)
{{ config(**incremental_by('person_key', 'int_affected_person_keys')) }}
{% set types = ['contact_id', 'external_id', 'email', 'phone', 'merged_into'] %}
with person_keys as (
    select
        observed.person_key,
        observed.source_system,
        observed.contact_id,
        observed.email,
        phones.phone_number as phone,
        observed.external_id,
        nullif(observed.merged_into, observed.contact_id) as merged_into,
        observed.is_contact,
        observed.first_seen_at
    from {{ ref('int_person_keys_observed') }} as observed
    left join {{ ref('int_phone_numbers') }} as phones
        on observed.phone = phones.phone
    where true {{ only_affected('observed.person_key', 'int_affected_person_keys') }}
),

placeholders as (
    select person_key, identifier_type from {{ ref('int_placeholders_observed') }}
    where true {{ only_affected('person_key', 'int_affected_person_keys') }}
),

delivered as (
    {%- for type in types %}
    {%- set is_merge = type == 'merged_into' %}
    select
        person_key,
        '{{ type }}' as delivered_type,
        '{{ 'contact_id' if is_merge else type }}' as identifier_type,
        {{ loop.index }} as type_rank,
        {{ 'source_system' if is_merge or type == 'contact_id' else "''" }} as identifier_scope,
        {{ type }} as identifier,
        is_contact,
        {{ 'true' if is_merge else 'false' }} as is_merge,
        first_seen_at
    from person_keys
    where {{ type }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

listed as (
    select delivered.*
    from delivered
    left join placeholders
        on delivered.person_key = placeholders.person_key
        and delivered.delivered_type = placeholders.identifier_type
    where placeholders.person_key is null
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
    listed.is_contact,
    listed.is_merge,
    listed.first_seen_at
from listed
cross join {{ source('ingest', 'pseudonym_key') }} as pseudonym_key
