"""Dagster's instance of an installation. Belongs here: its configuration in the home folder, and how it keeps
events. Does not belong here: what is built (`defs/`)."""
