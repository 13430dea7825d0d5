-- Grain: product of a source system.
select
    product_id,
    source_system,
    name as product_name,
    category,
    brand,
    unit_cost
from {{ ref('input_products') }}
where deleted_at is null
