"""`docs/adding-a-source.md`, followed word for word in a copy of the project: its blocks are written to the
files that it names, and a build ingests both new systems."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.support.installation import ROOT, Installation

PAGE = (ROOT / "docs" / "adding-a-source.md").read_text()
BLOCK = re.compile(r"\n   ```(?:yaml|sql)\n(.*?)   ```", re.DOTALL)
FILE = re.compile(r"`([\w/.]+/[\w.]+\.\w+)`")
RECEIPTS = """receipt_no;sold_at;card;total
r1;2025-01-14T09:30:00Z;card-7;49.90
r2;2025-02-20T10:00:00Z;;19.00
r3;2025-02-21T10:00:00Z;card-7;-1
"""
ORDERS = """order_id,ordered_at,external_id,items_amount,currency_code
w1,2025-03-01,card-7,10.00,EUR
"""


def _blocks(section: str) -> dict[str, str]:
    """Per file the block that is to stand there, without the page's indentation: the file last named before."""
    return {
        FILE.findall(section[: block.start()])[-1]: re.sub("(?m)^   ", "", block[1])
        for block in BLOCK.finditer(section)
    }


def _insert(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert text.count(before) == 1, (path, before)
    path.write_text(text.replace(before, after))


@pytest.mark.slow
def test_the_page_can_be_followed_word_for_word(tmp_path: Path) -> None:
    project, landing = tmp_path / "project", tmp_path / "landing"
    for folder in ("dagster_project", "dbt", "seeds"):
        shutil.copytree(ROOT / folder, project / folder)
    shutil.copyfile(ROOT / "pyproject.toml", project / "pyproject.toml")
    second, own = PAGE.split("## b.")[1].split("## c.")
    web_shop, tills = _blocks(second), _blocks(own)

    definition = "dagster_project/defs/ingestion/{}/defs.yaml"
    of_web_shop = web_shop[definition.format("web_shop")]
    of_tills = of_web_shop.replace("web_shop", "tills").replace("generic", "tills")
    sources = "dbt/models/staging/generic/_generic__sources.yml"
    written = {
        definition.format("web_shop"): of_web_shop,
        definition.format("tills"): of_tills,
        sources: (project / sources).read_text().rstrip() + "\n" + web_shop[sources],
        **tills,
    }
    assert len(written) == 6, sorted(written)
    for path, text in written.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text)
    # Lists that the page names.
    systems, models = "[demo, generic, web_shop]", "ref('stg_tills__orders')"
    assert systems in second and models in own
    _insert(project / "dbt/dbt_project.yml", "[demo, generic]", systems)
    known = "ref('stg_complete_journey__orders')"
    _insert(project / "dbt/models/input/input_orders.sql", known, f"{known}, {models}")
    (project / "dbt/models/staging/tills/_tills__models.yml").write_text(
        "version: 2\nmodels:\n  - name: stg_tills__orders\n    description: One row per version.\n"
    )

    for system, name, text in (
        ("tills", "receipts.csv", RECEIPTS),
        ("web_shop", "orders.csv", ORDERS),
    ):
        (landing / system).mkdir(parents=True)
        (landing / system / name).write_text(text)
    settings = {"LANDING": str(landing), "SYSTEMS": "tills,web_shop"}
    installation = Installation(tmp_path / "home", settings, project=project)
    installation.build()

    with installation.served() as connection:
        orders = connection.execute(
            "select source_system, order_id, net_amount::double, customer_id is not null"
            " from core.fct_orders order by all"
        ).fetchall()
        customers = connection.execute("select count(*) from core.dim_customers").fetchall()
    assert orders == [
        ("tills", "r1", 49.9, True),
        ("tills", "r2", 19, False),
        ("web_shop", "w1", 10, True),
    ]
    assert customers == [(1,)]  # the same card in both systems; r3 is quarantined
