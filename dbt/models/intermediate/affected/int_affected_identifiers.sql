-- One row per identifier that is clustered again: it is on an affected record, or it belongs to a
-- customer in int_affected_clusters. Empty in a full refresh.
with before as (
    {{ keys_before('int_identifiers_clustered', ['identifier_key', 'customer_id']) }}
)

select listed.identifier_key
from {{ ref('int_identifiers_listed') }} as listed
inner join {{ ref('int_affected_person_keys') }} as affected
    on listed.person_key = affected.person_key
union
select before.identifier_key
from before
inner join {{ ref('int_affected_clusters') }} as clusters
    on before.customer_id = clusters.customer_id
