-- No text of a dimension looked like an e-mail address, a phone number or free text. A warning with the
-- number of records, as such values are served as `masked`.
{% set texts = {
    'input_contacts': ['acquisition_channel', 'campaign', 'country_code'],
    'input_interactions': ['channel', 'campaign', 'content_id'],
    'input_orders': ['channel', 'campaign'],
    'input_products': ['name', 'category', 'brand'],
    'input_reviews': ['platform'],
    'input_refunds': ['reason'],
    'input_loyalty_entries': ['tier'],
} %}
{{ config(
    meta={
        'dagster': {'ref': {'name': 'input_interactions'}}, 'shows': ['column_name', 'record_count'],
    },
    fail_calc='coalesce(sum(record_count), 0)',
    severity='warn',
) }}
with masked as (
    {%- for model, columns in texts.items() %}
    {%- set is_last = loop.last %}
    {%- for column in columns %}
    select '{{ model }}.{{ column }}' as column_name, count(*) as record_count
    from {{ ref(model) }}
    where
        {{ lowered(column) }} = 'masked'
        and deleted_at is null
    {%- if not (is_last and loop.last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
)

select
    column_name,
    record_count
from masked
where record_count > 0
