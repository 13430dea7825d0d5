-- One row per person_key of the previous build whose customer is resolved again, with its previous
-- customer. Empty in a full refresh.
with before as (
    {{ keys_before('int_person_keys_resolved', ['person_key', 'customer_id']) }}
)

select
    before.person_key,
    before.customer_id
from before
inner join {{ ref('int_affected_identities') }} as affected
    on before.person_key = affected.person_key
