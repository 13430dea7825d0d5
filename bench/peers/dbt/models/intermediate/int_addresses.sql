select email, min(customer_id) as customer_id from {{ ref('int_contacts') }} as contacts where email is not null group by email
