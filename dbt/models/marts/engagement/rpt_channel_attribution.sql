-- Grain: month of the order, attribution model, channel. Additive over months and channels, but not
-- over models: each model credits every order once.
{% set models = ['first', 'last', 'linear', 'position_based'] %}
with credits as (
    select
        {{ month_of('ordered_at') }} as month,
        channel,
        {%- for model in models %}
        sum({{ model }}_order_credit) as {{ model }}_order_credit,
        sum({{ model }}_net_revenue) as {{ model }}_net_revenue
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_order_credits') }}
    group by {{ month_of('ordered_at') }}, channel
),

attributed as (
    {%- for model in models %}
    select
        month,
        '{{ model }}' as attribution_model,
        channel,
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
    attributed.channel,
    attributed.credited_order_count,
    attributed.credited_net_revenue,
    reporting.currency_code
from attributed
cross join {{ ref('int_reporting_currency') }} as reporting
