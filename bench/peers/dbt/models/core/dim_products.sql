select product_id, 'generic' as source_system, name as product_name, category, brand, unit_cost::decimal(18, 6) as unit_cost
from {{ ref('stg_products') }}
