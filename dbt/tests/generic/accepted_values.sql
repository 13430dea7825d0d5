{# dbt's own test, which groups by value: it fails by rows here, and shows the values, which are codes. #}
{% test accepted_values(model, column_name, values, quote=true) %}
{{ config(
    fail_calc='coalesce(sum(n_records), 0)',
    meta={'shows': ['value_field', 'n_records']},
) }}
{{ dbt.default__test_accepted_values(model, column_name, values, quote) }}
{% endtest %}
