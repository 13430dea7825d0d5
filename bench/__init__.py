"""The benchmark: how fast a build is beside `dbt build` alone, beside the baseline (bare DuckDB) and beside
peers. Run it as `python -m bench`; docs/benchmarks.md explains the figures. Not part of the installed
package.

Belongs here: scenarios, how commands are measured, and how results are shown. Does not belong here:
anything that the product needs."""
