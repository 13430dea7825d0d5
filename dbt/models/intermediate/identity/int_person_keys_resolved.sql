-- One row per person_key with the customer of its records. All joining identifiers of a record lead
-- to the same customer.
-- depends_on: {{ ref('int_person_keys_before') }} (it reads the previous table)
{{ config(**incremental_by('person_key', 'int_affected_identities')) }}
with identifiers as (
    select person_key, identifier_key
    from {{ ref('int_identifiers_observed') }}
    where is_joining {{ only_affected('person_key', 'int_affected_identities') }}
),

clusters as (
    select identifier_key, customer_id
    from {{ ref('int_identifiers_clustered') }}
)

select
    identifiers.person_key,
    min(clusters.customer_id) as customer_id
from identifiers
inner join clusters
    on identifiers.identifier_key = clusters.identifier_key
group by identifiers.person_key
