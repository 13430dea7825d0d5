-- Every wording of how people come is in acquisition_channels. A warning with the number of
-- records: they are credited to no channel until a row is added.
{{ config(
    meta={
        'dagster': {'ref': {'name': 'int_channels'}}, 'shows': ['delivered_channel', 'record_count'],
    },
    fail_calc='coalesce(sum(record_count), 0)',
    severity='warn',
) }}
with delivered as (
    {%- for model, column in {
        'input_contacts': 'acquisition_channel', 'input_interactions': 'channel',
        'input_orders': 'channel',
    }.items() %}
    select {{ column }} as delivered_channel, count(*) as record_count
    from {{ ref(model) }}
    where
        {{ column }} is not null
        and deleted_at is null
    group by {{ column }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- Personal data delivered as a channel is not shown.
unmapped as (
    select
        case
            when
                length(delivered.delivered_channel) <= 40
                and delivered.delivered_channel not like '%@%'
                and {{ digit_count('delivered.delivered_channel') }} < 6
                then delivered.delivered_channel
            else '(not shown: no word)'
        end as delivered_channel,
        delivered.record_count
    from delivered
    inner join {{ ref('int_channels') }} as channels
        on delivered.delivered_channel = channels.delivered_channel
    where channels.acquisition_channel is null
)

select
    delivered_channel,
    sum(record_count) as record_count
from unmapped
group by delivered_channel
