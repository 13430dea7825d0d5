"""Proposes thresholds for the lifecycle rules from the behaviour of a shop's own customers. Belongs here: the
computation, and the reference file that holds the accepted values. Does not belong here: printing
(`cli/calibrate.py`) and the rules themselves (dbt)."""
