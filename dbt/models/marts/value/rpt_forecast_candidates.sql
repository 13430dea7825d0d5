-- Grain: forecast, candidate. How every candidate of every forecast did in the backtest, and which
-- one is published. Scores are compared within a forecast only.
select
    forecast,
    candidate,
    is_baseline,
    complexity,
    origin_count,
    point_count,
    score_name,
    score,
    score_difference,
    standard_error,
    coverage_80,
    is_published,
    reason_code
from {{ source('forecast', 'forecast_candidates') }}
