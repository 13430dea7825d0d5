-- One row per person_key that the last build knew and whose customer is found again: the customer it led to
-- then. Empty when everything is computed.
with before as (
    {{ keys_before('int_person_keys_resolved', ['person_key', 'customer_id']) }}
)

select
    before.person_key,
    before.customer_id
from before
inner join {{ ref('int_affected_identities') }} as touched
    on before.person_key = touched.person_key
