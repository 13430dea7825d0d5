-- The identity ledger contains every identifier of a record, also one that does not join, and the
-- customer that records with it lead to.
{{ config(meta={'dagster': {'ref': {'name': 'customer_identity_ledger'}}}) }}
select
    clusters.identifier_key,
    ledger.customer_id
from {{ ref('int_identifiers_clustered') }} as clusters
full outer join {{ ref('customer_identity_ledger') }} as ledger
    on clusters.identifier_key = ledger.identifier_key
where
    clusters.identifier_key is null
    or ledger.identifier_key is null
    or ledger.customer_id <> clusters.customer_id
