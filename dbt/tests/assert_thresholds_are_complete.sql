-- Every threshold that a rule reads is in the seed. A missing one would be null, and the rule would
-- never hold.
{{ config(meta={'dagster': {'ref': {'name': 'int_thresholds'}}, 'shows': ['violation']}) }}
{% set columns = adapter.get_columns_in_relation(ref('int_thresholds')) if execute else [] %}
{% set names = columns | map(attribute='name') %}
with thresholds as (
    select * from {{ ref('int_thresholds') }}
)

{% for name in names %}
select '{{ name }}' as violation from thresholds where {{ name }} is null
union all
{% endfor %}
select 'not exactly one row' as violation
from (select count(*) as row_count from thresholds) as counted
where row_count <> 1
