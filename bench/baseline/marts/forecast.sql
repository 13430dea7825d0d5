-- Forecasts are made outside SQL: the baseline has their tables without rows.
create table lifecycle.rpt_stage_forecast (
    lifecycle varchar,
    stage varchar,
    months_ahead integer,
    origin_customer_count integer,
    expected_customer_count decimal(18, 6),
    expected_customer_count_low decimal(18, 6),
    expected_customer_count_high decimal(18, 6),
    known_error_count integer,
    method varchar,
    reason_code varchar,
    origin_month date,
    month date
);

create table lifecycle.rpt_stage_forecast_backtest (
    lifecycle varchar,
    stage varchar,
    months_ahead integer,
    origin_customer_count integer,
    expected_customer_count decimal(18, 6),
    expected_customer_count_low decimal(18, 6),
    expected_customer_count_high decimal(18, 6),
    known_error_count integer,
    actual_customer_count integer,
    forecast_error decimal(18, 6),
    no_change_error integer,
    is_within_interval boolean,
    method varchar,
    origin_month date,
    month date
);

create table value.rpt_revenue_forecast (
    part varchar,
    months_ahead integer,
    expected_revenue decimal(18, 2),
    revenue_low decimal(18, 2),
    revenue_high decimal(18, 2),
    cumulative_expected_revenue decimal(18, 2),
    cumulative_low decimal(18, 2),
    cumulative_high decimal(18, 2),
    currency_code varchar,
    method varchar,
    reason_code varchar,
    cumulative_reason_code varchar,
    origin_month date,
    month date
);

create table value.rpt_revenue_forecast_backtest (
    part varchar,
    months_ahead integer,
    expected_revenue decimal(18, 2),
    revenue_low decimal(18, 2),
    revenue_high decimal(18, 2),
    actual_revenue decimal(18, 2),
    is_within_interval boolean,
    cumulative_expected_revenue decimal(18, 2),
    cumulative_low decimal(18, 2),
    cumulative_high decimal(18, 2),
    cumulative_actual_revenue decimal(18, 2),
    is_within_cumulative_interval boolean,
    currency_code varchar,
    method varchar,
    origin_month date,
    month date
);

create table value.rpt_forecast_candidates (
    forecast varchar,
    candidate varchar,
    is_baseline boolean,
    complexity integer,
    origin_count integer,
    point_count integer,
    score_name varchar,
    score double,
    score_difference double,
    standard_error double,
    coverage_80 double,
    is_published boolean,
    reason_code varchar
);
