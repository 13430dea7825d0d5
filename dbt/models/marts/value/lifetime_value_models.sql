-- Grain: fitted model. Empty until a lifetime-value model is fitted: nothing is predicted, and
-- fct_customer_lifetime_value says so in reason_code.
select
    cast(null as {{ dbt.type_string() }}) as model_id,
    cast(null as {{ dbt.type_string() }}) as family,
    cast(null as {{ dbt.type_string() }}) as component,
    cast(null as {{ dbt.type_string() }}) as status,
    cast(null as {{ dbt.type_string() }}) as parameters,
    cast(null as integer) as customer_count,
    cast(null as double) as log_likelihood,
    cast(null as double) as holdout_mae,
    cast(null as double) as holdout_rmse,
    cast(null as boolean) as is_champion,
    cast(null as date) as as_of,
    cast(null as timestamp) as fitted_at
from {{ ref('int_thresholds') }}
where 1 = 0
