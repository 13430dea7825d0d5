select
    lifecycle,
    stage,
    cast(stage_rank as integer) as rank,
    label_en,
    label_cs,
    customer_description,
    care_description
from {{ ref('stg_lifecycle_stages') }}
