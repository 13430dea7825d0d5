-- One row per customer who bought: the purchase history as lifetime-value models read it, and its
-- cell. Customers in a cell have equal histories, in days, or in weeks where there are many
-- customers. Scores are joined by cell.
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
