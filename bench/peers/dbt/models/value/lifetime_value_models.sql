select
    null::varchar as model_id,
    null::varchar as family,
    null::varchar as component,
    null::varchar as status,
    null::varchar as parameters,
    null::integer as customer_count,
    null::double as log_likelihood,
    null::double as holdout_mae,
    null::double as holdout_rmse,
    null::boolean as is_champion,
    null::date as as_of,
    null::timestamp as fitted_at
where false
