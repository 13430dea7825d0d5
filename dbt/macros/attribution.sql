{# The credits of int_order_credits, summed by month of the order, attribution model and the columns `dimensions`. A
   credit without a campaign belongs to the campaign `none`. #}
{% macro attribution(dimensions) %}
{%- set models = ['first', 'last', 'linear', 'position_based'] -%}
{%- set parts = {'campaign': "coalesce(campaign, 'none')"} -%}
with credits as (
    select
        {{ month_of('ordered_at') }} as month,
        {%- for dimension in dimensions %}
        {{ parts.get(dimension, dimension) }} as {{ dimension }},
        {%- endfor %}
        {%- for model in models %}
        sum({{ model }}_order_credit) as {{ model }}_order_credit,
        sum({{ model }}_net_revenue) as {{ model }}_net_revenue
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_order_credits') }}
    group by {{ month_of('ordered_at') }}
        {%- for dimension in dimensions %}, {{ parts.get(dimension, dimension) }}{% endfor %}
),

attributed as (
    {%- for model in models %}
    select
        month,
        '{{ model }}' as attribution_model,
        {{ dimensions | join(', ') }},
        {{ quantity(model ~ '_order_credit') }} as credited_order_count,
        {{ money(model ~ '_net_revenue') }} as credited_net_revenue
    from credits
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    attributed.month,
    attributed.attribution_model,
    {%- for dimension in dimensions %}
    attributed.{{ dimension }},
    {%- endfor %}
    attributed.credited_order_count,
    attributed.credited_net_revenue,
    reporting.currency_code
from attributed
cross join {{ ref('int_reporting_currency') }} as reporting
{% endmacro %}
