-- Grain: kind of identifier and reason for which identifiers of that kind do not join the records
-- that carry them. A record may be in several rows.
with placeholders as (
    select person_key, identifier_type, identifier
    from {{ ref('int_placeholders_observed') }}
    where identifier_type <> 'merged_into'
),

observed as (
    select
        observed.person_key,
        identifiers.identifier_type,
        observed.identifier_key,
        observed.is_shared,
        observed.is_split
    from {{ ref('int_identifiers_observed') }} as observed
    inner join {{ ref('int_identifiers') }} as identifiers
        on observed.identifier_key = identifiers.identifier_key
    where
        (observed.is_shared or observed.is_split)
        and not observed.is_merge
),

exceptions as (
    select person_key, identifier_type, identifier, 'placeholder' as reason
    from placeholders
    {%- for reason in ['shared', 'split'] %}
    union all
    select
        person_key,
        identifier_type,
        {{ key_digits('identifier_key') }} as identifier,
        '{{ reason }}' as reason
    from observed
    where is_{{ reason }}
    {%- endfor %}
)

select
    exceptions.identifier_type,
    exceptions.reason,
    count(distinct exceptions.identifier) as identifier_count,
    cast(sum(person_keys.record_count) as bigint) as record_count,
    cast(
        sum(case when customers.customer_id is null then person_keys.record_count else 0 end)
        as bigint
    ) as unidentified_record_count,
    count(distinct customers.customer_id) as customer_count
from exceptions
inner join {{ ref('int_person_keys_observed') }} as person_keys
    on exceptions.person_key = person_keys.person_key
left join {{ ref('int_person_keys_resolved') }} as customers
    on exceptions.person_key = customers.person_key
group by exceptions.identifier_type, exceptions.reason
