-- One row per person_key and value on it that stands in the place of an identifier and identifies
-- nobody: a pattern of the seed placeholders, or a phone number that is too short to be one.
{{ config(**incremental_by('person_key', 'int_affected_person_keys')) }}
with person_keys as (
    select
        observed.person_key,
        observed.contact_id,
        observed.merged_into,
        observed.external_id,
        observed.email,
        phones.phone_number as phone
    from {{ ref('int_person_keys_observed') }} as observed
    left join {{ ref('int_phone_numbers') }} as phones
        on observed.phone = phones.phone
    where true {{ only_affected('observed.person_key', 'int_affected_person_keys') }}
),

-- A phone number is compared as it is, and without each country code that it may begin with.
codes as (
    {%- for column in ['contact_id', 'merged_into', 'external_id', 'phone'] %}
    select
        person_key,
        '{{ column }}' as identifier_type,
        {{ column }} as identifier,
        {{ lowered(column) }} as code
    from person_keys
    where {{ column }} is not null
    union all
    {%- endfor %}
    {%- for first_digit in range(2, 6) %}
    select
        person_key,
        'phone' as identifier_type,
        phone as identifier,
        substr(phone, {{ first_digit }}) as code
    from person_keys
    where phone like '+%'
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

compared as (
    select person_key, identifier_type, identifier, 'exact' as pattern_kind, code as pattern
    from codes
    union all
    select
        person_key, identifier_type, identifier, 'repeated' as pattern_kind,
        right(code, 1) as pattern
    from codes
    where replace(code, right(code, 1), '') = ''
    {%- for kind, part in {
        'exact': 'email',
        'local_part': dbt.split_part(dbt.split_part('email', "'@'", 1), "'+'", 1),
        'domain': dbt.split_part('email', "'@'", 2),
        'top_level_domain': dbt.split_part('email', "'.'", -1),
    }.items() %}
    union all
    select
        person_key, 'email' as identifier_type, email as identifier, '{{ kind }}' as pattern_kind,
        {{ part }} as pattern
    from person_keys
    where email is not null
    {%- endfor %}
),

-- dbt reads the word null in a seed as nothing.
placeholders as (
    select identifier_type, pattern_kind, coalesce(pattern, 'null') as pattern
    from {{ ref('placeholders') }}
),

found as (
    select compared.person_key, compared.identifier_type, compared.identifier
    from compared
    inner join placeholders
        on compared.pattern = placeholders.pattern
        and compared.pattern_kind = placeholders.pattern_kind
        and case compared.identifier_type
            when 'merged_into' then 'contact_id' else compared.identifier_type
        end = placeholders.identifier_type
    union all
    select person_keys.person_key, 'phone' as identifier_type, person_keys.phone as identifier
    from person_keys
    cross join {{ ref('int_thresholds') }} as thresholds
    where length(replace(person_keys.phone, '+', '')) < thresholds.identity_phone_digits
)

select distinct person_key, identifier_type, identifier
from found
