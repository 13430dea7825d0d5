"""Lifetime value beside the libraries of the field: one table of customers, from there to scores. Belongs
here: the scenario and its programs. Does not belong here: how programs are measured (`bench.measure`)."""

from bench.lifetime_value.scenario import measure

__all__ = ["measure"]
