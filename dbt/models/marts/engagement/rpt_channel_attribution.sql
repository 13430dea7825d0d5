-- Grain: month of the order, attribution model, channel. Additive over months and channels, but not
-- over models: each model credits every order once. The query is in dbt/macros/attribution.sql.
{{ attribution(['channel']) }}
