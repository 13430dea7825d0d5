-- One row per customer who bought before the last Monday: their purchases up to then, which models are fitted to.
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
