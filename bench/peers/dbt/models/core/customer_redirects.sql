select identifier_key as former_customer_id, customer_id
from {{ ref('customer_identity_ledger') }} as customer_identity_ledger
where not is_eldest
