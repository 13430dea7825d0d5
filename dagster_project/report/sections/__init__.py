"""What the report tells, one module a subject. Belongs here: questions to the served file and the words around
their answers. Does not belong here: looks (`page.py`, `charts.py`). A mart that is empty gets a sentence in
place of its chart. Words are for people who read no code."""
