-- One row per combination of identifiers (person_key) on any record before as_of, with the time it
-- was first seen. Records are reduced to these combinations before any join. A deleted contact
-- still links its identifiers; any other deleted record does not, nor does a test order.
{{ config(**incremental_by('person_key', 'int_affected_person_keys')) }}
{% set sources = {
    'input_contacts': 'created_at',
    'input_interactions': 'occurred_at',
    'input_support_tickets': 'opened_at',
    'input_orders': 'ordered_at',
    'input_refunds': 'refunded_at',
    'input_checkouts': 'started_at',
    'input_reviews': 'reviewed_at',
    'input_survey_responses': 'responded_at',
    'input_referrals': 'referred_at',
    'input_loyalty_entries': 'occurred_at',
} %}
with observed as (
    {%- for model, time_column in sources.items() %}
    {%- set is_contact = model == 'input_contacts' %}
    select
        person_key,
        min(source_system) as source_system,
        min(contact_id) as contact_id,
        min(email) as email,
        min(phone) as phone,
        min(external_id) as external_id,
        {{ 'min(merged_into)' if is_contact else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
            as merged_into,
        {{ 1 if is_contact else 0 }} as contact_count,
        count(*) as record_count,
        min({{ time_column }}) as first_seen_at
    from {{ ref(model) }}
    where
        person_key is not null
        and {{ time_column }} < {{ as_of() }}
        {%- if not is_contact %}
        and deleted_at is null
        {%- endif %}
        {%- if model == 'input_orders' %}
        and not coalesce(is_test, false)
        {%- endif %}
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
    min(merged_into) as merged_into,
    sum(contact_count) > 0 as is_contact,
    cast(sum(record_count) as bigint) as record_count,
    min(first_seen_at) as first_seen_at
from observed
group by person_key
