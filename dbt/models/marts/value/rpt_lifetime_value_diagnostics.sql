-- Grain: picture, model, point. What the diagnostics of lifetime value draw: expected beside actual.
select
    diagnostic,
    family,
    cast(point_number as integer) as point_number,
    position,
    expected,
    actual
from {{ source('forecast', 'lifetime_value_diagnostics') }}
