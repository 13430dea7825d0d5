-- What the reference seeds define. Thresholds are variables, set by run.py.
create schema core;
create schema lifecycle;
create schema value;
create schema engagement;
create schema care;

create temp table stages as
select *
from read_csv(getvariable('seeds') || '/lifecycle_stages.csv', header = true)
where lifecycle in ('relationship', 'journey');

create temp table channels as
select * from read_csv(getvariable('seeds') || '/acquisition_channels.csv', header = true);

create temp table activities as
select activity, activity_rank::integer as rank
from read_csv(getvariable('seeds') || '/activities.csv', header = true);

-- E-mails and offers are the only responses that the sources deliver, and no action has both.
create temp table care_actions as
select care_actions.*, responses.activity as response
from read_csv(getvariable('seeds') || '/care_actions.csv', header = true) as care_actions
left join read_csv(getvariable('seeds') || '/care_responses.csv', header = true) as responses
    on
        care_actions.care_action = responses.care_action
        and responses.activity in ('email_sent', 'offer_sent')
where lifecycle in ('relationship', 'journey');

create table core.dim_lifecycle_stages as
select
    lifecycle,
    stage,
    cast(stage_rank as integer) as rank,
    is_loss,
    label_en,
    label_cs,
    customer_description,
    care_description
from stages;
