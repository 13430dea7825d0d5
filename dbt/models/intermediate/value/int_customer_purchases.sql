-- One row per customer who bought: their purchases as models of lifetime value read them, and the cell of equal
-- histories that scores are joined by: exact days, or weeks where customers are too many.
with history as (
    {{ purchase_history(as_of_date()) }}
),

widths as (
    select
        case when count(*) >= max(thresholds.value_exact_customers) then 7 else 1 end as cell_days
    from history
    cross join {{ ref('int_thresholds') }} as thresholds
)

select
    history.*,
    cast({{ whole_quotient('history.recency', 'widths.cell_days') }} as integer) as cell_recency,
    cast({{ whole_quotient('history.age', 'widths.cell_days') }} as integer) as cell_age
from history
cross join widths
