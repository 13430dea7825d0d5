-- One row per identifier, numbered from the earliest. An incremental build gives new numbers, after
-- all others, to the identifiers that it clusters again: numbers are compared only within a
-- customer. `is_shared`: more persons carry the identifier than one would explain (an info@
-- mailbox). That a contact was merged into another one is no sight of the other.
{{ config(**incremental_by('identifier_key', 'int_affected_identifiers')) }}
with identifiers as (
    select
        identifier_key,
        min(identifier_type) as identifier_type,
        min(identifier_scope) as identifier_scope,
        min(identifier) as identifier,
        min(type_rank) as type_rank,
        coalesce(
            min(case when not is_merge then first_seen_at end), min(first_seen_at)
        ) as first_seen_at
    from {{ ref('int_identifiers_listed') }}
    where true {{ only_affected('identifier_key', 'int_affected_identifiers') }}
    group by identifier_key
),

numbered_before as (
    {%- if builds_incrementally() %}
    select coalesce(max(identifier_number), 0) as last_number from {{ this }}
    {%- else %}
    select 0 as last_number
    {%- endif %}
)

select
    identifiers.identifier_type,
    identifiers.identifier_scope,
    identifiers.identifier,
    numbered_before.last_number + row_number() over (
        order by
            identifiers.first_seen_at,
            identifiers.type_rank,
            identifiers.identifier_type,
            identifiers.identifier_scope,
            identifiers.identifier
    ) as identifier_number,
    identifiers.identifier_key,
    shared.identifier_key is not null as is_shared,
    identifiers.first_seen_at
from identifiers
cross join numbered_before
left join {{ ref('int_identifiers_shared') }} as shared
    on identifiers.identifier_key = shared.identifier_key
