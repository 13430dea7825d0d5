"""Great Expectations. Belongs here: running suites with it, and the expectations that it lacks. Does not belong
here: what is expected (`quality/suites/`), or what becomes of the results (`quality/results.py`)."""
