from {{ ref('stg_acquisition_channels') }}
