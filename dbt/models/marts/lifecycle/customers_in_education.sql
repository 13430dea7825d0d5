-- The predicate of `education` is in dbt/lifecycles.yml.
-- Grain: customer in `education` of the journey lifecycle at as_of.
{{ stage_table(
    'journey',
    'education',
    indicators=[
        'inquiry_count', 'knowledge_base_view_count', 'demo_or_trial_count', 'ticket_count',
        'open_ticket_count', 'content_view_count', 'last_active_at',
    ],
) }}
