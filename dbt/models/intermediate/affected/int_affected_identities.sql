-- One row per person_key whose customer must be found again: touched itself, or of a customer whose identifiers
-- are clustered again. Empty when everything is computed.
with before as (
    {{ keys_before('int_person_keys_resolved', ['person_key', 'customer_id']) }}
)

select person_key from {{ ref('int_affected_person_keys') }}
union
select before.person_key
from before
inner join {{ ref('int_affected_clusters') }} as clusters
    on before.customer_id = clusters.customer_id
