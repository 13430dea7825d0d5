-- One row per combination of identifiers (person_key) on any record before as_of, with the time it
-- was first seen. Records are reduced to these combinations before any join.
{{ config(**incremental_by('person_key', 'int_affected_person_keys')) }}
{% set sources = {
    'input_contacts': 'created_at',
    'input_interactions': 'occurred_at',
    'input_support_tickets': 'opened_at',
    'input_orders': 'ordered_at',
    'input_checkouts': 'started_at',
    'input_reviews': 'reviewed_at',
    'input_survey_responses': 'responded_at',
    'input_referrals': 'referred_at',
    'input_loyalty_entries': 'occurred_at',
} %}
with observed as (
    {%- for model, time_column in sources.items() %}
    select
        person_key,
        min(source_system) as source_system,
        min(contact_id) as contact_id,
        min(email) as email,
        min(phone) as phone,
        min(external_id) as external_id,
        min({{ time_column }}) as first_seen_at
    from {{ ref(model) }}
    where
        person_key is not null
        and {{ time_column }} < {{ as_of() }}
        {{ only_affected('person_key', 'int_affected_person_keys') }}
    group by person_key
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    person_key,
    min(source_system) as source_system,
    min(contact_id) as contact_id,
    min(email) as email,
    min(phone) as phone,
    min(external_id) as external_id,
    min(first_seen_at) as first_seen_at
from observed
group by person_key
