"""The hand-worked customers: a delivery, what must come out of it, and the comparison. Does not
belong here: how a build is run or how a stage is computed."""
