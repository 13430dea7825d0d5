select *, md5(contact_id) as customer_id
from {{ ref('stg_contacts') }}
where created_at < timestamp '{{ var("as_of") }}'
qualify row_number() over (partition by contact_id order by updated_at desc, filename desc) = 1
