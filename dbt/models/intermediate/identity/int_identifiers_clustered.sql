-- One row per identifier with its customer: the number of the customer's earliest identifier. In
-- each round, every record passes the smallest number of its identifiers to all of them. Each
-- identifier then also takes the number that its own number has received, which halves long chains.
-- assert_identity_converged fails when identity_rounds is too small.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
{{ config(**incremental_by('identifier_key', 'int_affected_identifiers')) }}
with identifiers as (
    select
        identifier_type,
        identifier_scope,
        identifier,
        identifier_number,
        identifier_key
    from {{ ref('int_identifiers') }}
    where true {{ only_affected('identifier_key', 'int_affected_identifiers') }}
),

joining as (
    select
        observed.person_key,
        identifiers.identifier_number,
        count(*) over (partition by observed.person_key) as joining_count
    from {{ ref('int_identifiers_observed') }} as observed
    inner join identifiers
        on observed.identifier_key = identifiers.identifier_key
    where observed.is_joining {{ only_affected('observed.person_key', 'int_affected_identities') }}
),

-- Two identifiers that an override joins work like a record that carries both.
joined_by_hand as (
    select
        {{ as_key(dbt.hash(dbt.concat([
            key_digits('one.identifier_key'), key_digits('other.identifier_key'),
        ]))) }} as person_key,
        one.identifier_number,
        other.identifier_number as other_identifier_number
    from {{ ref('identity_overrides') }} as overrides
    inner join identifiers as one
        on {{ typed_key('overrides.identifier_key') }} = one.identifier_key
    inner join identifiers as other
        on {{ typed_key('overrides.other_identifier_key') }} = other.identifier_key
    where overrides.override_action = 'join'
),

links as (
    select person_key, identifier_number
    from joining
    where joining_count > 1
    union all
    select person_key, identifier_number from joined_by_hand
    union all
    select person_key, other_identifier_number as identifier_number from joined_by_hand
),

clusters_0 as (
    select distinct
        identifier_number,
        identifier_number as customer_number
    from links
),

{%- set rounds = var('identity_rounds') if chains_halve() else 2 * var('identity_rounds') %}
{%- for round in range(1, rounds + 1) %}

records_{{ round }} as (
    select
        links.person_key,
        min(clusters_{{ round - 1 }}.customer_number) as customer_number
    from links
    inner join clusters_{{ round - 1 }}
        on links.identifier_number = clusters_{{ round - 1 }}.identifier_number
    group by links.person_key
),

handed_{{ round }} as (
    select
        links.identifier_number,
        min(records_{{ round }}.customer_number) as customer_number
    from links
    inner join records_{{ round }}
        on links.person_key = records_{{ round }}.person_key
    group by links.identifier_number
),

clusters_{{ round }} as (
    select
        handed.identifier_number,
        {%- if chains_halve() %}
        least(handed.customer_number, coalesce(further.customer_number, handed.customer_number))
            as customer_number
        {%- else %}
        handed.customer_number
        {%- endif %}
    from handed_{{ round }} as handed
    {%- if chains_halve() %}
    left join handed_{{ round }} as further
        on handed.customer_number = further.identifier_number
    {%- endif %}
){{ ',' if not loop.last }}
{%- endfor %}

select
    identifiers.identifier_type,
    identifiers.identifier_scope,
    identifiers.identifier,
    identifiers.identifier_number,
    identifiers.identifier_key,
    coalesce(clusters.customer_number, identifiers.identifier_number) as customer_number,
    coalesce(elders.identifier_key, identifiers.identifier_key) as customer_id
from identifiers
left join clusters_{{ rounds }} as clusters
    on identifiers.identifier_number = clusters.identifier_number
left join identifiers as elders
    on clusters.customer_number = elders.identifier_number
