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
        identifiers.identifier_type,
        observed.first_seen_at,
        observed.is_joining,
        observed.is_merge,
        observed.is_shared,
        observed.is_split
    from {{ ref('int_identifiers_observed') }} as observed
    inner join identifiers
        on observed.identifier_key = identifiers.identifier_key
),

-- The merge of a contact into another one; else the earliest record that carries the identifier
-- beside another joining one; else a merge of another contact into this one.
linked as (
    select
        observed.identifier_key,
        others.identifier_key as other_identifier_key,
        observed.is_merge or others.is_merge as is_merge,
        observed.first_seen_at,
        row_number() over (
            partition by observed.identifier_key
            order by
                case when others.is_merge then 1 when observed.is_merge then 3 else 2 end,
                observed.first_seen_at,
                others.identifier_number,
                observed.person_key
        ) as link_rank
    from observed
    inner join observed as others
        on observed.person_key = others.person_key
        and observed.identifier_key <> others.identifier_key
    where
        observed.is_joining
        and others.is_joining
        -- A merge concerns two contacts, and nothing else on the record.
        and (
            not (observed.is_merge or others.is_merge)
            or observed.identifier_type = others.identifier_type
        )
),

kinds as (
    select
        identifier_key,
        max(case when is_shared then 1 else 0 end) = 1 as is_shared,
        max(case when is_split then 1 else 0 end) = 1 as is_split,
        max(case when is_joining then 1 else 0 end) = 1 as is_joining,
        coalesce(
            min(case when not is_merge then first_seen_at end), min(first_seen_at)
        ) as first_seen_at
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
        when linked.is_merge then 'merge'
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
