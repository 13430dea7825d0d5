-- Grain: stage of a lifecycle that is in use.
select
    lifecycle,
    stage,
    stage_rank as rank,
    is_loss,
    label_en,
    label_cs,
    customer_description,
    care_description
from {{ ref('lifecycle_stages') }}
where lifecycle in ({{ lifecycle_codes() }})
