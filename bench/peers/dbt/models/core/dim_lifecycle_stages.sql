select
    lifecycle,
    stage,
    cast(stage_rank as integer) as rank,
    is_loss,
    label_en,
    label_cs,
    customer_description,
    care_description
from {{ ref('int_stages') }} as stages
