"""The content of the report, one module per subject. Belongs here: queries of the served file and the text
around their results. Does not belong here: looks (`report/page.py`, `report/charts.py`). An empty mart gets a
sentence in place of its chart. The text is for people who read no code."""
