-- One row per identifier: the number of the customer it belongs to. Identifiers are numbered from the
-- earliest; in each round every record hands the smallest number among its identifiers to all of them.
-- assert_identity_converged fails when identity_rounds is too small for the data.
with identifiers as (
    select
        identifier_type,
        identifier_scope,
        identifier,
        row_number() over (
            order by min(first_seen_at), min(type_rank), identifier_type, identifier_scope, identifier
        ) as identifier_number
    from {{ ref('int_identifiers_observed') }}
    group by identifier_type, identifier_scope, identifier
),

-- A record with one identifier links nothing: most records are such.
linking as (
    select person_key
    from {{ ref('int_identifiers_observed') }}
    where is_joining
    group by person_key
    having count(*) > 1
),

links as (
    select
        observed.person_key,
        identifiers.identifier_number
    from {{ ref('int_identifiers_observed') }} as observed
    inner join identifiers
        on observed.identifier_type = identifiers.identifier_type
        and observed.identifier_scope = identifiers.identifier_scope
        and observed.identifier = identifiers.identifier
    inner join linking
        on observed.person_key = linking.person_key
    where observed.is_joining
),

clusters_0 as (
    select
        identifier_number,
        identifier_number as customer_number
    from identifiers
),

{%- for round in range(1, var('identity_rounds') + 1) %}

records_{{ round }} as (
    select
        links.person_key,
        min(clusters_{{ round - 1 }}.customer_number) as customer_number
    from links
    inner join clusters_{{ round - 1 }}
        on links.identifier_number = clusters_{{ round - 1 }}.identifier_number
    group by links.person_key
),

clusters_{{ round }} as (
    select
        links.identifier_number,
        min(records_{{ round }}.customer_number) as customer_number
    from links
    inner join records_{{ round }}
        on links.person_key = records_{{ round }}.person_key
    group by links.identifier_number
),
{%- endfor %}

elders as (
    select
        identifier_number,
        identifier_type,
        identifier_scope,
        identifier
    from identifiers
)

select
    identifiers.identifier_type,
    identifiers.identifier_scope,
    identifiers.identifier,
    identifiers.identifier_number,
    coalesce(clusters.customer_number, identifiers.identifier_number) as customer_number,
    {{ pseudonym(
        dbt.concat(["elders.identifier_type", "':'", "elders.identifier_scope", "':'", "elders.identifier"]),
        'pseudonym_key.inner_pad', 'pseudonym_key.outer_pad'
    ) }} as customer_id
from identifiers
left join clusters_{{ var('identity_rounds') }} as clusters
    on identifiers.identifier_number = clusters.identifier_number
inner join elders
    on coalesce(clusters.customer_number, identifiers.identifier_number) = elders.identifier_number
cross join {{ source('ingest', 'pseudonym_key') }} as pseudonym_key
