-- One row per customer who bought before the last Monday, with the purchases up to then.
-- Lifetime-value models are fitted to these rows.
select
    {{ fitted_until() }} as fitted_until,
    history.frequency,
    history.recency,
    history.age,
    history.spend_frequency,
    history.monetary_value,
    history.customer_id
from (
    {{ purchase_history(fitted_until()) }}
) as history
