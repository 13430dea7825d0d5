from {{ ref('stg_lifecycle_stages') }}
where lifecycle in ('relationship', 'journey')
