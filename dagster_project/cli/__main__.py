"""`python -m dagster_project.cli` is the `lifecycle` command."""

import sys

from dagster_project.cli.app import main

sys.exit(main())
