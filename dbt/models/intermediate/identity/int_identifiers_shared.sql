-- One row per e-mail, phone or external id that more persons carry than identity_max_contacts
-- (docs/decisions/0041). One kind of identifier at a time distinguishes persons.
-- depends_on: {{ ref('int_shared_before') }} (it reads the previous table)
{{ config(**incremental_by('identifier_key', 'int_affected_sharing')) }}
with listed as (
    select person_key, identifier_key, identifier_type, is_contact
    from {{ ref('int_identifiers_listed') }}
    where not is_merge
),

thresholds as (
    select identity_max_contacts from {{ ref('int_thresholds') }}
),

-- Each further person needs a further combination: few identifiers are looked at closely.
counted as (
    select identifier_key, min(identifier_type) as identifier_type, count(*) as combination_count
    from listed
    where
        identifier_type <> 'contact_id'
        {{ only_affected('identifier_key', 'int_affected_sharing') }}
    group by identifier_key
),

carriers as (
    select counted.identifier_key, counted.identifier_type, listed.person_key
    from counted
    inner join thresholds
        on counted.combination_count > thresholds.identity_max_contacts
    inner join listed
        on counted.identifier_key = listed.identifier_key
),

beside as (
    select
        carriers.identifier_key,
        carriers.identifier_type,
        carriers.person_key,
        listed.identifier_type as other_type,
        listed.identifier_key as other_key
    from carriers
    inner join listed
        on carriers.person_key = listed.person_key
        and carriers.identifier_key <> listed.identifier_key
),

contacts as (
    select distinct other_key as contact_key
    from beside
    where other_type = 'contact_id'
),

contact_combinations as (
    select contacts.contact_key, listed.person_key, listed.is_contact
    from contacts
    inner join listed
        on contacts.contact_key = listed.identifier_key
),

contacts_of_crm as (
    select distinct contact_key
    from contact_combinations
    where is_contact
),

-- Contacts seen with several e-mails, with several phones, or with several external ids.
contacts_seen_otherwise as (
    select contact_combinations.contact_key, listed.identifier_type
    from contact_combinations
    inner join listed
        on contact_combinations.person_key = listed.person_key
    group by contact_combinations.contact_key, listed.identifier_type
    having count(distinct listed.identifier_key) > 1
),

-- A contact that the CRM does not hold and that is only ever seen with this identifier may be new
-- with every order: it is no evidence of another person.
persons as (
    select
        beside.identifier_key,
        beside.person_key,
        coalesce(merged.survivor_key, beside.other_key) as contact_key,
        beside.identifier_type <> 'external_id' or otherwise.contact_key is not null
            as is_evidence
    from beside
    left join contacts_of_crm as of_crm
        on beside.other_key = of_crm.contact_key
    left join contacts_seen_otherwise as otherwise
        on beside.other_key = otherwise.contact_key
        and beside.identifier_type = otherwise.identifier_type
    left join {{ ref('int_contacts_merged') }} as merged
        on beside.other_key = merged.identifier_key
    where
        beside.other_type = 'contact_id'
        and coalesce(of_crm.contact_key, otherwise.contact_key) is not null
),

person_counts as (
    select identifier_key, count(distinct contact_key) as person_count
    from persons
    where is_evidence
    group by identifier_key
    union all
    -- One contact may have had many e-mails or phones.
    select
        beside.identifier_key,
        least(
            count(distinct beside.other_key),
            count(distinct coalesce(persons.contact_key, beside.other_key))
        ) as person_count
    from beside
    left join persons
        on beside.identifier_key = persons.identifier_key
        and beside.person_key = persons.person_key
    where beside.other_type <> 'contact_id'
    group by beside.identifier_key, beside.other_type
)

select
    person_counts.identifier_key,
    max(person_counts.person_count) as person_count
from person_counts
cross join thresholds
where person_counts.person_count > thresholds.identity_max_contacts
group by person_counts.identifier_key
