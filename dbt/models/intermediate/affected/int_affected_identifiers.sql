-- One row per identifier that must be clustered again: on a touched record, or of a customer whose identifiers
-- are. Empty when everything is computed.
with before as (
    {{ keys_before('int_identifiers_clustered', ['identifier_key', 'customer_id']) }}
)

select listed.identifier_key
from {{ ref('int_identifiers_listed') }} as listed
inner join {{ ref('int_affected_person_keys') }} as touched
    on listed.person_key = touched.person_key
union
select before.identifier_key
from before
inner join {{ ref('int_affected_clusters') }} as clusters
    on before.customer_id = clusters.customer_id
