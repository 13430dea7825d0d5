"""What identity resolution needs of libraries. Belongs here: reading phone numbers. Does not belong here: who
is who (`dbt/models/intermediate/identity/`)."""
