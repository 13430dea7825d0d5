-- Grain: stage of a lifecycle.
select
    lifecycle,
    stage,
    stage_rank as rank,
    label_en,
    label_cs,
    customer_description,
    care_description
from {{ ref('lifecycle_stages') }}
