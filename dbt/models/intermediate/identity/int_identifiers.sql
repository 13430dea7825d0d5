-- One row per identifier: its number, from the earliest, and its key, a pseudonym that says nothing of it. The key
-- of a customer's earliest identifier is the customer's id. `is_shared`: more contacts carry it than one
-- person would (an info@ box).
with identifiers as (
    select
        identifier_type,
        identifier_scope,
        identifier,
        min(type_rank) as type_rank,
        min(first_seen_at) as first_seen_at,
        count(distinct contact) as contact_count
    from {{ ref('int_identifiers_listed') }}
    group by identifier_type, identifier_scope, identifier
)

select
    identifiers.identifier_type,
    identifiers.identifier_scope,
    identifiers.identifier,
    row_number() over (
        order by
            identifiers.first_seen_at,
            identifiers.type_rank,
            identifiers.identifier_type,
            identifiers.identifier_scope,
            identifiers.identifier
    ) as identifier_number,
    {{ as_key(pseudonym(
        dbt.concat([
            "identifiers.identifier_type", "':'", "identifiers.identifier_scope", "':'",
            "identifiers.identifier",
        ]),
        'pseudonym_key.inner_pad', 'pseudonym_key.outer_pad'
    )) }} as identifier_key,
    identifiers.identifier_type <> 'contact_id'
    and identifiers.contact_count > thresholds.identity_max_contacts as is_shared,
    identifiers.first_seen_at
from identifiers
cross join {{ ref('int_thresholds') }} as thresholds
cross join {{ source('ingest', 'pseudonym_key') }} as pseudonym_key
