-- Grain: identifier of a customer. Shows the evidence that joined it to the customer, and since
-- when. The identifier itself is shown as a key.
{{ config(**incremental_by('identifier_key', 'int_affected_identifiers')) }}
with identifiers as (
    select
        identifier_number,
        identifier_type,
        identifier_scope,
        identifier_key,
        customer_number,
        customer_id
    from {{ ref('int_identifiers_clustered') }}
    where true {{ only_affected('identifier_key', 'int_affected_identifiers') }}
),

observed as (
    select
        observed.person_key,
        observed.identifier_key,
        identifiers.identifier_number,
        observed.first_seen_at,
        observed.is_joining,
        observed.is_shared,
        observed.is_split
    from {{ ref('int_identifiers_observed') }} as observed
    inner join identifiers
        on observed.identifier_key = identifiers.identifier_key
),

-- The earliest record that carries the identifier beside another joining one.
linked as (
    select
        observed.identifier_key,
        others.identifier_key as other_identifier_key,
        observed.first_seen_at,
        row_number() over (
            partition by observed.identifier_key
            order by observed.first_seen_at, others.identifier_number, observed.person_key
        ) as link_rank
    from observed
    inner join observed as others
        on observed.person_key = others.person_key
        and observed.identifier_key <> others.identifier_key
    where
        observed.is_joining
        and others.is_joining
),

kinds as (
    select
        identifier_key,
        max(case when is_shared then 1 else 0 end) = 1 as is_shared,
        max(case when is_split then 1 else 0 end) = 1 as is_split,
        max(case when is_joining then 1 else 0 end) = 1 as is_joining,
        min(first_seen_at) as first_seen_at
    from observed
    group by identifier_key
)

select
    identifiers.identifier_key,
    -- An identifier that joins no record has no customer.
    case when kinds.is_joining then identifiers.customer_id end as customer_id,
    identifiers.identifier_type,
    nullif(identifiers.identifier_scope, '') as source_system,
    case
        when not kinds.is_joining then 'none'
        when linked.identifier_key is not null then 'record'
        when identifiers.customer_number <> identifiers.identifier_number then 'override'
        else 'alone'
    end as joined_by,
    linked.other_identifier_key as joined_with_key,
    identifiers.customer_number = identifiers.identifier_number as is_eldest,
    kinds.is_shared,
    kinds.is_split,
    kinds.first_seen_at,
    linked.first_seen_at as joined_at
from identifiers
inner join kinds
    on identifiers.identifier_key = kinds.identifier_key
left join linked
    on identifiers.identifier_key = linked.identifier_key
    and linked.link_rank = 1
