-- One row per person_key and identifier on it. The identifier joins the record to a customer unless
-- too many persons share it or an override splits it (identity_overrides). The only identifier of
-- a record always joins.
{{ config(**incremental_by('person_key', 'int_affected_identities')) }}
with listed as (
    select
        listed.person_key,
        listed.first_seen_at,
        listed.identifier_key,
        listed.is_merge,
        identifiers.is_shared
    from {{ ref('int_identifiers_listed') }} as listed
    inner join {{ ref('int_identifiers') }} as identifiers
        on listed.identifier_key = identifiers.identifier_key
    where true {{ only_affected('listed.person_key', 'int_affected_identities') }}
),

splits as (
    select
        {{ typed_key('identifier_key') }} as identifier_key,
        {{ typed_key('other_identifier_key') }} as other_identifier_key
    from {{ ref('identity_overrides') }}
    where override_action = 'split'
),

-- A split applies to all records with the identifier, or to those that also carry the other one.
split_on as (
    select distinct
        listed.person_key,
        listed.identifier_key
    from listed
    inner join splits
        on listed.identifier_key = splits.identifier_key
    left join listed as others
        on listed.person_key = others.person_key
        and splits.other_identifier_key = others.identifier_key
    where
        splits.other_identifier_key is null
        or others.identifier_key is not null
),

marked as (
    select
        listed.person_key,
        listed.identifier_key,
        listed.first_seen_at,
        listed.is_merge,
        listed.is_shared,
        split_on.identifier_key is not null as is_split,
        listed.is_shared or split_on.identifier_key is not null as is_kept_apart
    from listed
    left join split_on
        on listed.person_key = split_on.person_key
        and listed.identifier_key = split_on.identifier_key
),

counted as (
    select
        *,
        sum(case when is_kept_apart then 0 else 1 end) over (partition by person_key) as own_count
    from marked
)

select
    person_key,
    identifier_key,
    first_seen_at,
    is_merge,
    is_shared,
    is_split,
    not is_kept_apart or own_count = 0 as is_joining
from counted
