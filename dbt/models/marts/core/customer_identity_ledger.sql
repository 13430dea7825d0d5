-- Grain: identifier of a customer. Which evidence made it theirs, and since when; the identifier itself is a key.
{{ config(**heals_by('identifier_key', 'int_touched_identifiers')) }}
with identifiers as (
    select identifier_number, identifier_type, identifier_scope, identifier_key, customer_number, customer_id
    from {{ ref('int_identifiers_clustered') }}
    where true {{ only_touched('identifier_key', 'int_touched_identifiers') }}
),

observed as (
    select
        observed.person_key,
        observed.identifier_number,
        observed.first_seen_at,
        observed.is_joining,
        observed.is_shared,
        observed.is_split
    from {{ ref('int_identifiers_observed') }} as observed
    inner join identifiers
        on observed.identifier_number = identifiers.identifier_number
),

-- The earliest record on which an identifier stands beside another that joins.
linked as (
    select
        observed.identifier_number,
        others.identifier_number as other_number,
        observed.first_seen_at,
        row_number() over (
            partition by observed.identifier_number
            order by observed.first_seen_at, others.identifier_number, observed.person_key
        ) as link_rank
    from observed
    inner join observed as others
        on observed.person_key = others.person_key
        and observed.identifier_number <> others.identifier_number
    where
        observed.is_joining
        and others.is_joining
),

kinds as (
    select
        identifier_number,
        max(case when is_shared then 1 else 0 end) = 1 as is_shared,
        max(case when is_split then 1 else 0 end) = 1 as is_split,
        max(case when is_joining then 1 else 0 end) = 1 as is_joining,
        min(first_seen_at) as first_seen_at
    from observed
    group by identifier_number
)

select
    identifiers.identifier_key,
    -- An identifier that joins no record belongs to nobody.
    case when kinds.is_joining then identifiers.customer_id end as customer_id,
    identifiers.identifier_type,
    nullif(identifiers.identifier_scope, '') as source_system,
    case
        when not kinds.is_joining then 'none'
        when linked.identifier_number is not null then 'record'
        when identifiers.customer_number <> identifiers.identifier_number then 'override'
        else 'alone'
    end as joined_by,
    others.identifier_key as joined_with_key,
    identifiers.customer_number = identifiers.identifier_number as is_eldest,
    kinds.is_shared,
    kinds.is_split,
    kinds.first_seen_at,
    linked.first_seen_at as joined_at
from identifiers
inner join kinds
    on identifiers.identifier_number = kinds.identifier_number
left join linked
    on identifiers.identifier_number = linked.identifier_number
    and linked.link_rank = 1
left join identifiers as others
    on linked.other_number = others.identifier_number
