-- Grain: plot, model, point. The data of the diagnostic plots of lifetime value: expected beside
-- actual.
select
    diagnostic,
    family,
    cast(point_number as integer) as point_number,
    position,
    expected,
    actual
from {{ source('forecast', 'lifetime_value_diagnostics') }}
