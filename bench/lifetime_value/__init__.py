"""Lifetime value beside the libraries of the field: from one table of customers to their scores. Belongs
here: the scenario and its programs. Does not belong here: how programs are measured (`bench.measure`)."""

from bench.lifetime_value.scenario import measure

__all__ = ["measure"]
