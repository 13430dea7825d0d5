-- One row per person_key whose customer is resolved again: it is affected itself, or it belongs to
-- a customer in int_affected_clusters. Empty in a full refresh.
with before as (
    {{ keys_before('int_person_keys_resolved', ['person_key', 'customer_id']) }}
)

select person_key from {{ ref('int_affected_person_keys') }}
union
select before.person_key
from before
inner join {{ ref('int_affected_clusters') }} as clusters
    on before.customer_id = clusters.customer_id
