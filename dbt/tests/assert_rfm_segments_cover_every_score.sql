-- The seed of RFM segments names a segment for every pair of scores that the threshold rfm_bands
-- allows. Otherwise fct_customer_rfm would lose buyers.
{{ config(meta={'dagster': {'ref': {'name': 'rfm_segments'}}}) }}
with bands as (
    select cast(rfm_bands as integer) as rfm_bands from {{ ref('int_thresholds') }}
),

segments as (
    select
        count(*) as segment_count,
        max(recency_score) as highest_recency_score,
        max(frequency_score) as highest_frequency_score
    from {{ ref('rfm_segments') }}
)

select 'segments do not match rfm_bands' as violation
from segments
cross join bands
where
    segments.segment_count <> bands.rfm_bands * bands.rfm_bands
    or segments.highest_recency_score <> bands.rfm_bands
    or segments.highest_frequency_score <> bands.rfm_bands
