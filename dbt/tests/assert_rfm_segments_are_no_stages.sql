-- No RFM segment has the name of a stage in it. A segment `lost` beside a stage `lost` would be
-- read as the same customers.
{{ config(
    meta={'dagster': {'ref': {'name': 'rfm_segments'}}, 'shows': ['segment', 'stage']},
) }}
select distinct
    segments.segment,
    stages.stage
from {{ ref('rfm_segments') }} as segments
inner join {{ ref('lifecycle_stages') }} as stages
    on segments.segment like {{ dbt.concat(["'%'", "stages.stage", "'%'"]) }}
