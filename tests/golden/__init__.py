"""The hand-worked customers: a delivery, the expected result, and the comparison. Does not belong here:
running a build, or computing a stage."""
