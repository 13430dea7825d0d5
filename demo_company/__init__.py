"""A demo company with a known truth: a seeded generator of deliveries in the generic format.

Belongs here: invented lives, the files that a shop's systems would export about them, and the truth
about them. Does not belong here: anything that reads a warehouse; tests compare the two.
"""
