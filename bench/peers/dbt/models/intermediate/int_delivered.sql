select *
from {{ ref('stg_orders') }}
where ordered_at < timestamp '{{ var("as_of") }}'
qualify row_number() over (partition by order_id order by updated_at desc, filename desc) = 1
