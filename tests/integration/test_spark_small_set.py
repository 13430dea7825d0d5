"""Some models on a real Spark, in one process, compared with DuckDB's. Belongs here: that models which compile
for Spark give the same rows there, for those that all others read. Does not belong here: all models on a
cluster (`make spark`)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from spark.__main__ import PYTHON, main
from tests.support.installation import Installation

needs_spark = pytest.mark.skipif(
    not PYTHON.exists() or shutil.which("java") is None,
    reason="Java 17 is needed, and .venv-spark, which `make trust` then makes",
)
# Money, versions of records, identity in its rounds, and the macros they share.
SMALL_SET = "+fct_orders"


@needs_spark
@pytest.mark.slow
def test_orders_and_their_customers_are_equal_on_spark(
    demo: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    arguments = ["--home", str(demo.home), "--folder", str(tmp_path), "--local"]
    arguments += ["--select", SMALL_SET, "--write", str(page)]
    assert main(arguments) == 0, capsys.readouterr().out
    assert "The mart is equal." in capsys.readouterr().out
    assert "| core.fct_orders | 4 085 | 4 085 | 0 | yes |" in page.read_text()
