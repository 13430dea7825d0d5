-- One row per identifier that may have become shared or may be so no more: it is on an affected
-- record, or beside a contact that is on one or whose merges changed. Empty in a full refresh.
with listed as (
    select person_key, identifier_key, identifier_type from {{ ref('int_identifiers_listed') }}
),

on_affected as (
    select listed.identifier_key
    from listed
    inner join {{ ref('int_affected_person_keys') }} as affected
        on listed.person_key = affected.person_key
    union
    select identifier_key from {{ ref('int_identifiers_before') }}
),

merges_changed as (
    select coalesce(merged.identifier_key, before.identifier_key) as identifier_key
    from {{ ref('int_contacts_merged') }} as merged
    full outer join {{ ref('int_merges_before') }} as before
        on merged.identifier_key = before.identifier_key
    where
        (
            merged.survivor_key is null
            or before.survivor_key is null
            or merged.survivor_key <> before.survivor_key
        )
        and {{ is_incremental_build() }}
),

contacts as (
    select identifier_key from on_affected
    union
    select identifier_key from merges_changed
),

combinations as (
    select listed.person_key
    from listed
    inner join contacts
        on listed.identifier_key = contacts.identifier_key
    where listed.identifier_type = 'contact_id'
)

select identifier_key from on_affected
union
select listed.identifier_key
from listed
inner join combinations
    on listed.person_key = combinations.person_key
