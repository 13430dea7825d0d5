-- One row per counted order whose lapse window is over: whether the customer was lost after it or
-- came back in time, and the conditions that held before anyone could know. A condition is looked
-- for from churn_evidence_days before the order until the landmark, driver_landmark_days after it,
-- which is the same length of time for those lost and for those who remained. is_waiting: no
-- further order had come by the landmark.
-- LT02 cannot follow the loops of this model. -- noqa: disable=LT02
{{ config(**incremental_by('customer_id', 'int_affected_customers')) }}
{% set conditions = driver_conditions() %}
{% set by_time = 'partition by numbered.customer_id order by numbered.customer_order_number' %}
with thresholds as (
    select
        churn_evidence_days,
        churn_discount_share,
        churn_discount_minimum_orders,
        cast(driver_order_number_cap as integer) as order_number_cap,
        -- The landmark comes before the end of the shortest lapse window.
        cast(greatest(
            least(driver_landmark_days, floor(least(lapse_floor_days, lapse_default_days) * 0.5)), 1
        ) as integer) as landmark_days
    from {{ ref('int_thresholds') }}
),

purchases as (
    select
        numbered.source_system,
        numbered.order_id,
        numbered.customer_id,
        numbered.customer_order_number,
        numbered.ordered_at,
        numbered.next_ordered_at,
        numbered.lapse_ends_at,
        case when orders.discount_amount > 0 then 1 else 0 end as is_discounted,
        sum(case when orders.discount_amount > 0 then 1 else 0 end) over (
            {{ by_time }} rows between unbounded preceding and current row
        ) as discounted_count,
        {%- for number in range(1, 4) %}
        lag(numbered.ordered_at, {{ number }}) over ({{ by_time }})
            as ordered_at_{{ number }}_before,
        {%- endfor %}
        {{ days_after('numbered.ordered_at', '-thresholds.churn_evidence_days') }} as evidence_from,
        {{ days_after('numbered.ordered_at', 'thresholds.landmark_days') }} as landmark_at
    from {{ ref('int_orders_numbered') }} as numbered
    cross join thresholds
    inner join {{ ref('int_orders_valued') }} as orders
        on numbered.source_system = orders.source_system
        and numbered.order_id = orders.order_id
    where true {{ only_affected('numbered.customer_id', 'int_affected_customers') }}
),

observed as (
    select
        purchases.*,
        least(purchases.customer_order_number, thresholds.order_number_cap) as order_number_band,
        1
        {%- for number in range(1, 4) %}
        + case
            when purchases.ordered_at_{{ number }}_before >= purchases.evidence_from then 1 else 0
        end
        {%- endfor %} as recent_order_count,
        coalesce(purchases.next_ordered_at, {{ never() }}) > purchases.lapse_ends_at as is_lost,
        coalesce(purchases.next_ordered_at, {{ never() }}) > purchases.landmark_at as is_waiting,
        -- Most orders had a discount: all of them, or all but the last.
        (
            purchases.customer_order_number >= thresholds.churn_discount_minimum_orders
            and purchases.discounted_count
            >= thresholds.churn_discount_share * purchases.customer_order_number
        )
        or (
            purchases.customer_order_number - 1 >= thresholds.churn_discount_minimum_orders
            and purchases.is_discounted = 0
            and purchases.discounted_count
            >= thresholds.churn_discount_share * (purchases.customer_order_number - 1)
        ) as has_price
    from purchases
    cross join thresholds
    where purchases.lapse_ends_at < {{ as_of() }}
),

events as (
    select
        customer_id,
        condition,
        condition in ('negative_opinion', 'refund') as is_of_any_order,
        occurred_at,
        cast(null as timestamp) as resolved_at
    from (
        select
            customer_id,
            occurred_at,
            case
                when is_negative_opinion then 'negative_opinion'
                when activity in ('review_written', 'survey_answered')
                    then case when is_advocacy_signal then 'positive_opinion' end
                when activity = 'refund_issued' then 'refund'
                when activity = 'ticket_opened' then 'support_ticket'
                when activity in ('thank_you', 'follow_up') then activity
                when activity in ('email_opened', 'email_clicked') then 'message_read'
                when activity in ('offer_sent', 'win_back_offer') then 'offer'
                when is_inquiry then 'question'
            end as condition
        from {{ ref('int_customer_activities') }}
        where true {{ only_affected('customer_id', 'int_affected_customers') }}
    ) as named
    where condition is not null
    union all
    select
        customer_id, 'late_delivery' as condition, true as is_of_any_order,
        delivered_at as occurred_at, cast(null as timestamp) as resolved_at
    from {{ ref('int_orders_valued') }}
    where
        delivered_at > promised_at
        {{ only_affected('customer_id', 'int_affected_customers') }}
    union all
    select
        customers.customer_id, 'unresolved_ticket' as condition, true as is_of_any_order,
        tickets.opened_at as occurred_at,
        coalesce(tickets.resolved_at, {{ never() }}) as resolved_at
    from {{ ref('input_support_tickets') }} as tickets
    inner join {{ ref('int_person_keys_resolved') }} as customers
        on tickets.person_key = customers.person_key
    where
        tickets.deleted_at is null
        {{ only_affected('customers.customer_id', 'int_affected_customers') }}
),

happened as (
    select
        observed.source_system,
        observed.order_id
        {%- for each in conditions if not each.at_order %},
        max(case when events.condition = '{{ each.condition }}' then 1 else 0 end)
            as {{ each.condition }}
        {%- endfor %}
    from observed
    inner join events
        on observed.customer_id = events.customer_id
        and observed.evidence_from <= events.occurred_at
        and observed.landmark_at > events.occurred_at
        -- A ticket counts while it is open.
        and coalesce(events.resolved_at, {{ never() }}) >= observed.landmark_at
        and (events.is_of_any_order or observed.customer_order_number = 1)
    group by observed.source_system, observed.order_id
),

assortments as (
    select
        observed.source_system,
        observed.order_id,
        count(distinct lines.product_id) as product_count
    from observed
    inner join {{ ref('input_order_lines') }} as lines
        on observed.source_system = lines.source_system
        and observed.order_id = lines.order_id
    where
        observed.customer_order_number = 1
        and lines.deleted_at is null
    group by observed.source_system, observed.order_id
)

select
    observed.source_system,
    observed.order_id,
    observed.customer_id,
    cast(observed.order_number_band as integer) as order_number_band,
    cast(observed.recent_order_count as integer) as recent_order_count,
    {{ quarter_of('observed.ordered_at') }} as quarter,
    observed.is_lost,
    observed.is_waiting,
    observed.has_price,
    observed.is_discounted = 1 as has_discounted_order,
    coalesce(assortments.product_count, 0) > 1 as has_several_products
    {%- for each in conditions if not each.at_order %},
    coalesce(happened.{{ each.condition }}, 0) = 1 as has_{{ each.condition }}
    {%- endfor %}
from observed
left join happened
    on observed.source_system = happened.source_system
    and observed.order_id = happened.order_id
left join assortments
    on observed.source_system = assortments.source_system
    and observed.order_id = assortments.order_id
