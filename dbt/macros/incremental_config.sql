{# The configuration of a table from which an incremental build deletes the affected rows, to write them again.
   column: the rows are deleted by it.
   affected: a model of intermediate/affected that has a column of the same name.
   only_affected_change: whether only rows of affected keys are ever written, so that checks need to read no others
       (checks.sql). It is false for a table in which the passing of time adds rows of other keys. #}
{% macro incremental_by(column, affected, only_affected_change=true) -%}
    {{ return(incremental_config(
        [column], affected, "delete_affected('" ~ column ~ "', '" ~ affected ~ "')", only_affected_change
    )) }}
{%- endmacro %}

{# The same configuration for a table whose rows belong to orders. #}
{% macro incremental_by_order(affected='int_affected_orders_of_customers') -%}
    {{ return(incremental_config(
        ['source_system', 'order_id'], affected, "delete_affected_orders('" ~ affected ~ "')", true
    )) }}
{%- endmacro %}

{% macro incremental_config(columns, affected, deletion, only_affected_change) -%}
    {{ return({
        'materialized': incremental_table(),
        'incremental_strategy': 'append',
        'on_schema_change': 'fail',
        'pre_hook': '{{ ' ~ deletion ~ ' }}',
        'meta': changes_of(columns, affected) if only_affected_change else {},
    }) }}
{%- endmacro %}
