"""What keeps the project simple, checked by machine: no clock in models, one reader of the environment, small
modules that say what they are for, models that say what a row is."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.installation import ROOT

PYTHON = sorted((ROOT / "dagster_project").rglob("*.py"))
MODELS = sorted((ROOT / "dbt" / "models").rglob("*.sql"))
TESTS = sorted((ROOT / "dbt" / "tests").rglob("*.sql"))
PROPERTIES = sorted((ROOT / "dbt" / "models").rglob("*.yml"))
LONGEST_MODULE = 220
LONGEST_MODEL = 215
# These write what a library reads of the environment; they read no setting.
SET_FOR_A_LIBRARY = {
    "transformation/project.py",  # hands it on to a process
    "__init__.py",
    "cli/dev.py",
    "instance/home.py",
    "transformation/runner.py",
}

CLOCK = re.compile(
    r"\b(current_date|current_timestamp|now\s*\(|today\s*\(|getdate|random\s*\(|uuid\s*\(|localtimestamp)",
    re.IGNORECASE,
)
# Functions and clauses that only one engine has. They belong in dbt/macros/engine/.
ENGINE = re.compile(
    r"::|\bqualify\b|\bepoch\(|\bstrftime\(|\bgenerate_series\(|\bunnest\(|\bregexp_replace\("
    r"|\bsha256\(|\bto_days\(|\btimestamptz\b|\blist_|\bstruct_|\bexclude\s*\(|\bunion all by name\b"
    r"|\barg_max\(|\bfilter\s*\(\s*where\b|\bgroup by all\b|\basof\b"
    r"|\blower\(",  # some letters differently: lowered()
    re.IGNORECASE,
)
# Every cast to a date but that of nothing, and what else cuts a moment to a day, week or month.
DATE_OF_MOMENT = re.compile(
    r"(?<!cast\(null )\bas date\)|\bdate_trunc\b|\bto_date\s*\(|\blast_day\s*\(|\bextract\s*\(\s*hour"
    r"|\b\w+_at\s*::|\bextract\(\w+ from \w*_at\b",
    re.IGNORECASE,
)
# Engines round the cast of a double to a decimal differently, so mean() computes shares of six decimals.
# These models return doubles.
DIVIDED_DOUBLE = re.compile(r"\bas double\)\s*/")
RETURN_DOUBLES = {
    *("fct_customer_cohorts_monthly", "fct_customer_lifetime_value"),
    *("int_driver_lifts_estimated", "int_driver_spreads_estimated", "int_drivers_tested"),
    *("int_value_cells", "rpt_lifecycle_funnel", "rpt_stage_transition_matrix"),
}


def _relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _sql(path: Path) -> str:
    """The SQL of a model without its comments."""
    return re.sub(r"--[^\n]*|\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("path", MODELS + TESTS, ids=_relative)
def test_models_read_no_clock_and_no_random_number(path: Path) -> None:
    assert CLOCK.findall(_sql(path)) == []


@pytest.mark.parametrize("path", MODELS + TESTS, ids=_relative)
def test_models_are_portable(path: Path) -> None:
    assert ENGINE.findall(_sql(path)) == []


@pytest.mark.parametrize("path", MODELS + TESTS, ids=_relative)
def test_dates_of_moments_are_made_by_macros(path: Path) -> None:
    """Days, weeks and months are the reporting time zone's: date_of, month_of and the other macros of
    dbt/macros/engine/time.sql know it, a cast does not."""
    assert DATE_OF_MOMENT.findall(_sql(path)) == []


@pytest.mark.parametrize("path", MODELS, ids=_relative)
def test_shares_are_not_casts_of_doubles(path: Path) -> None:
    assert path.stem in RETURN_DOUBLES or not DIVIDED_DOUBLE.findall(_sql(path))


@pytest.mark.parametrize("path", MODELS, ids=_relative)
def test_settings_do_not_change_the_graph(path: Path) -> None:
    """Dagster's assets come from one parse: a reference under a condition would appear and disappear."""
    for condition in re.findall(r"{%-? if .*?endif -?%}", _sql(path), flags=re.DOTALL):
        assert "ref(" not in condition
        assert "source(" not in condition


@pytest.mark.parametrize("path", MODELS, ids=_relative)
def test_models_are_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_MODEL


@pytest.mark.parametrize("path", MODELS, ids=_relative)
def test_every_ranking_ends_in_a_total_order(path: Path) -> None:
    """A row_number ordered by one column may have ties, unless that column is the whole key."""
    for window in re.findall(r"row_number\(\) over \((.*?)\) as", _sql(path), flags=re.DOTALL):
        order = "order by" + window.split("order by")[-1]
        whole_keys = ("changed_at", "person_key", "order by customer_id")
        assert "," in order or any(key in order for key in whole_keys), window


@pytest.mark.parametrize("path", PYTHON, ids=_relative)
def test_modules_are_small_and_say_what_belongs_in_them(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_MODULE
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "open with what belongs here and what does not"


@pytest.mark.parametrize("path", PYTHON, ids=_relative)
def test_only_settings_read_the_environment(path: Path) -> None:
    name = str(path.relative_to(ROOT / "dagster_project"))
    if name == "settings/__init__.py" or name in SET_FOR_A_LIBRARY:
        return
    assert "os.environ" not in path.read_text()
    assert "getenv" not in path.read_text()


def test_no_numerics_or_ingestion_module_imports_dagster() -> None:
    for package in (
        "ingestion",
        "quality",
        "publication",
        "report",
        "transformation",
        "forecasting",
        "lifetime_value",
        "warehouse",
    ):
        for path in (ROOT / "dagster_project" / package).rglob("*.py"):
            assert not re.search(r"^\s*(import|from) dagster\b", path.read_text(), re.MULTILINE), (
                path
            )


@pytest.mark.parametrize("path", sorted((ROOT / "dbt").rglob("customers_in_*.sql")), ids=_relative)
def test_stage_tables_name_the_file_of_their_predicate(path: Path) -> None:
    stage = path.stem.removeprefix("customers_in_")
    first = path.read_text().splitlines()[0]
    assert first == f"-- The predicate of `{stage}` is in dbt/lifecycles.yml."


def test_every_singular_test_is_described() -> None:
    properties = yaml.safe_load((ROOT / "dbt" / "tests" / "_tests.yml").read_text())
    described = {test["name"] for test in properties["data_tests"] if test["description"]}
    assert described == {path.stem for path in TESTS if path.parent.name != "generic"}


def test_every_model_describes_its_rows() -> None:
    described = {}
    for path in PROPERTIES:
        for model in (yaml.safe_load(path.read_text()) or {}).get("models", []):
            if "description" in model:
                described[model["name"]] = model["description"]
    for path in MODELS:
        assert described.get(path.stem, "").startswith("One row"), path.stem


def test_models_are_named_for_their_layer() -> None:
    prefixes = {"staging": ("stg_",), "input": ("input_",), "intermediate": ("int_",)}
    for path in MODELS:
        layer = path.relative_to(ROOT / "dbt" / "models").parts[0]
        marts = ("dim_", "fct_", "rpt_", "customers_in_", "customer_", "lifetime_value_")
        expected = prefixes.get(layer, marts)
        assert path.name.startswith(expected), path


def test_no_committed_file_names_a_package_index() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    hosts = re.compile(rb"pypi\.org|pythonhosted|registry\.npmjs|deb\.debian", re.IGNORECASE)
    for name in filter(None, tracked):
        path = ROOT / name
        if path.is_file() and name != _relative(Path(__file__)):
            assert not hosts.search(path.read_bytes()), name
