"""The pipeline: see README.md. Belongs here: what must be set before anything else is imported."""

import os

# The largest matrix here is six by six. OpenBLAS would wake a thread per core for it and let each wait in a
# loop: more than half of a fit's CPU time. It reads this once, when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Nothing here reports to anybody what it is used for.
os.environ.update(
    DO_NOT_TRACK="1",
    DAGSTER_DISABLE_TELEMETRY="yes",
    DBT_SEND_ANONYMOUS_USAGE_STATS="false",
    GX_ANALYTICS_ENABLED="false",
)
