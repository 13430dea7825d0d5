"""Proposals for the numbers of the lifecycle rules, from what a shop's own customers did. Belongs here: their
computation and the reference file that holds the accepted ones. Does not belong here: printing
(`cli/calibrate.py`) and the rules themselves (dbt)."""
