-- One row per person_key and identifier on it. A contact id belongs to its system; e-mail, phone and external id
-- mean the same person everywhere.
with person_keys as (
    select
        observed.person_key,
        row_number() over (order by observed.person_key) as person_number,
        observed.source_system,
        observed.contact_id,
        observed.email,
        phones.phone_number as phone,
        observed.external_id,
        observed.first_seen_at
    from {{ ref('int_person_keys_observed') }} as observed
    left join {{ ref('int_phone_numbers') }} as phones
        on observed.phone = phones.phone
)

{%- for type in ['contact_id', 'external_id', 'email', 'phone'] %}
select
    person_key,
    person_number,
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
