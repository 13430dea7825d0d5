"""Functions in Python that models call. Belongs here: normalising phone numbers. Does not belong here:
identity resolution (`dbt/models/intermediate/identity/`)."""
