{# Relationship strength: what its models share. #}

{# Its components, in the order in which they are served, with the column that holds each component's points. #}
{% macro strength_components() -%}
    {{ return({
        'recency': 'recency_points',
        'frequency': 'frequency_points',
        'interactions': 'interaction_points',
        'satisfaction': 'satisfaction_points',
        'service': 'service_points',
    }) }}
{%- endmacro %}

{# The share of its points, 0 to 1, that a component gives, from the columns of `inputs`, `scales` and `thresholds`. An
   input that is unknown gives the neutral share. The recency of somebody who has not bought is that of their last touch,
   and gives the neutral share of it. #}
{% macro strength_share(component) -%}
    {%- set neutral = 'cast(thresholds.strength_neutral_share as double)' -%}
    {%- if component == 'recency' -%}
    greatest(1 - inputs.days_since_last_order / cast(scales.recency_days as double), 0)
    {%- elif component == 'recency_of_touch' -%}
    {{ neutral }} * greatest(1 - (inputs.days_since_last_touch - 1) / cast(scales.recency_days as double), 0)
    {%- elif component == 'frequency' -%}
    least(inputs.recent_order_count / cast(scales.order_count as double), 1)
    {%- elif component == 'interactions' -%}
    least(inputs.recent_activity_count / cast(scales.interaction_count as double), 1)
    {%- else -%}
    coalesce(cast(inputs.{{ component }}_share as double), {{ neutral }})
    {%- endif -%}
{%- endmacro %}

{# The points of a component: its share of its weight, rounded half up. #}
{% macro strength_points(weight, share) -%}
    cast(floor({{ weight }} * {{ share }} + 0.5) as integer)
{%- endmacro %}

{# An end of the interval round an AUC by Hanley and McNeil (1982): z standard errors above (sign '+') or below it. Null
   without both outcomes. #}
{% macro auc_end(auc, returned, others, z, sign) -%}
    {%- set a = 'cast(' ~ auc ~ ' as double)' -%}
    {%- set variance -%}
        ({{ a }} * (1 - {{ a }})
        + ({{ returned }} - 1) * ({{ a }} / (2 - {{ a }}) - {{ a }} * {{ a }})
        + ({{ others }} - 1) * (2 * {{ a }} * {{ a }} / (1 + {{ a }}) - {{ a }} * {{ a }}))
        / nullif(cast({{ returned }} as double) * {{ others }}, 0)
    {%- endset -%}
    case
        when {{ auc }} is not null
            then least(greatest({{ a }} {{ sign }} cast({{ z }} as double) * sqrt({{ variance }}), 0), 1)
    end
{%- endmacro %}
