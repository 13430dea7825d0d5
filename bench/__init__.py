"""The benchmark: how fast the nightly build is against `dbt build` alone and against plain SQL. Run as
`python -m bench`; docs/benchmarks.md says what it means. Not part of the installed package."""
