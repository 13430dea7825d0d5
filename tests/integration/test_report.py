"""The report of a published build: complete, self-contained, accessible, without personal data, and with the
numbers of the marts."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from dagster_project.report import TABLES, make_report
from dagster_project.resources import Toolbox
from dagster_project.settings import load_settings
from dagster_project.warehouse import Warehouse
from tests.integration.test_privacy import _personal
from tests.support.installation import Installation

SECTIONS = [
    "headline",
    "stages",
    "moves",
    "funnel",
    "outlook",
    "revenue_outlook",
    "cohorts",
    "segments",
    "value",
    "diagnostics",
    "quality",
]
LARGEST = 1_500_000
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
Table = list[list[str]]


class Page(HTMLParser):
    """The page as a browser reads it: texts, tables by caption, headings, links, and resources to fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, Table] = {}
        self.captions: list[str] = []
        self.facts: dict[str, str] = {}
        self.headings: list[tuple[int, str]] = []
        self.text = ""
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.unlabelled: list[str] = []
        self._open: list[str] = []
        self._svg_depth = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append(tag)
        self._open.append(tag)
        for name in ("src", "href", "xlink:href", "action", "data"):
            value = attributes.get(name)
            if value and not value.startswith("#"):
                self.fetched.append(value)
        if tag == "svg" and not attributes.get("aria-label"):
            self.unlabelled.append(tag)
        if tag == "caption":
            self.captions.append("")
        if tag in HEADINGS:
            self.headings.append((int(tag[1]), ""))
        if tag == "dt":
            self._term = ""
        if tag == "tr":
            self.tables.setdefault(self.captions[-1], []).append([])
        if tag in ("td", "th"):
            self.tables[self.captions[-1]][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag = self._open[-1] if self._open else ""
        if "svg" not in self._open and "style" not in self._open:
            self.text += data
        if tag == "caption":
            self.captions[-1] += data
        elif tag in ("td", "th"):
            self.tables[self.captions[-1]][-1][-1] += data
        elif tag in HEADINGS:
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)
        elif tag == "dt":
            self._term += data
        elif tag == "dd":
            self.facts[self._term] = data

    def table(self, beginning: str) -> Table:
        """The rows, without headers, of the table whose caption begins with this text."""
        found = [rows for caption, rows in self.tables.items() if caption.startswith(beginning)]
        assert found, beginning
        return [row for rows in found for row in rows if row != rows[0]]


def plain(text: str) -> str:
    """A number as the marts write it."""
    return text.replace("\N{NARROW NO-BREAK SPACE}", "")


@pytest.fixture(scope="module")
def path(demo: Installation) -> Path:
    return demo.home / "reports" / demo.published_build() / "index.html"


@pytest.fixture(scope="module")
def html(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def _rows(demo: Installation, query: str) -> list[tuple[Any, ...]]:
    with demo.served() as connection:
        return connection.execute(query).fetchall()


def test_it_is_where_the_status_shows_it(demo: Installation, path: Path) -> None:
    assert (demo.home / "reports" / "latest").resolve() == path.parent.resolve()
    output = demo.lifecycle("status").stdout
    assert str(path.resolve()) in output


def test_it_has_every_section_and_is_of_a_size_to_send(html: str, page: Page) -> None:
    assert re.findall(r'<section id="(\w+)"', html) == SECTIONS
    assert len(html.encode()) < LARGEST
    assert html.count("<figure>") >= 14
    assert 'class="none"' not in html  # every mart of the demo company has something to show


def test_it_asks_the_network_for_nothing_and_runs_nothing(html: str, page: Page) -> None:
    assert page.fetched == []
    assert not {"script", "iframe", "object", "embed", "link", "img", "base"} & set(page.tags)
    assert not re.search(r"@import|url\(\s*['\"]?(?!#)|\son\w+=|javascript:", html)
    namespaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert set(re.findall(r"https?://[^\s\"'<>]+", html)) <= namespaces


def test_it_can_be_read_by_those_who_do_not_see(html: str, page: Page) -> None:
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert re.search(r"<title>[^<]+</title>", html)
    assert page.unlabelled == []
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(text.strip() for _, text in page.headings)
    assert all(caption.strip() for caption in page.captions)
    assert html.count("<table>") == len(page.captions)


def test_it_names_no_person(demo: Installation, html: str, page: Page) -> None:
    assert "@" not in page.text
    assert not re.search(r"[\w.+-]+@[\w-]+\.\w+", html)
    assert [value for value in _personal() if value in page.text] == []
    ids = [row[0] for row in _rows(demo, "select customer_id from core.dim_customers")]
    assert [each for each in ids if each in html] == []


def test_headline_numbers_are_those_of_the_marts(demo: Installation, page: Page) -> None:
    ((known, marketable, buyers, again),) = _rows(
        demo,
        "select count(*), count(*) filter (is_marketable), count(*) filter (first_order_at is not null),"
        " count(*) filter (counted_order_count > 1) from core.dim_customers",
    )
    ((revenue, counted),) = _rows(
        demo, "select sum(net_amount), count(*) from core.fct_orders where is_counted"
    )
    ((as_of, passed, build_id),) = _rows(
        demo, "select as_of, passed_check_count, build_id from meta.build_info"
    )
    facts = {name: plain(value) for name, value in page.facts.items()}
    assert facts["Customers known"] == str(known)
    assert facts["May be contacted"] == str(marketable)
    assert facts["Buyers"] == str(buyers)
    assert facts["Repeat purchase rate"] == f"{100 * again / buyers:.1f} %"
    assert facts["Orders that count"] == str(counted)
    assert facts["Net revenue, EUR"] == str(revenue)
    assert facts["As of"] == str(as_of)
    assert facts["Checks passed"].startswith(f"{passed} of ")
    assert build_id in page.text


def test_customers_per_stage_are_those_of_the_dimension(demo: Installation, page: Page) -> None:
    expected = [
        row
        for lifecycle in ("relationship", "journey")
        for row in _rows(
            demo,
            f"select label_en, label_cs, count(customer_id)::varchar from core.dim_lifecycle_stages"
            f" left join core.dim_customers on {lifecycle}_stage = stage"
            f" where lifecycle = '{lifecycle}' group by rank, label_en, label_cs order by rank",
        )
    ]
    shown = [(row[0], row[1], plain(row[3])) for row in page.table("Customers per stage on")]
    assert shown == expected
    assert len(shown) == 10


def test_moves_are_those_of_the_transitions(demo: Installation, page: Page) -> None:
    moved = {
        (source, target): str(count)
        for source, target, count in _rows(
            demo,
            "select sources.label_en, targets.label_en, count(*)"
            " from lifecycle.fct_customer_stage_transitions as moves"
            " inner join core.dim_lifecycle_stages as sources"
            " on sources.lifecycle = moves.lifecycle and sources.stage = moves.from_stage"
            " inner join core.dim_lifecycle_stages as targets"
            " on targets.lifecycle = moves.lifecycle and targets.stage = moves.to_stage group by all",
        )
    }
    shown = {}
    head: list[str] = []
    for row in page.tables["Moves, all months"]:
        if row[0].startswith("Left"):
            head = row
            continue
        shown |= {
            (row[0], target): plain(n) for target, n in zip(head[1:], row[1:], strict=True) if n
        }
    assert shown == moved


def test_segments_hold_every_buyer_and_all_their_revenue(demo: Installation, page: Page) -> None:
    expected = _rows(
        demo,
        "select replace(upper(segment[1]) || segment[2:], '_', ' '), count(*)::varchar,"
        " sum(net_revenue)::varchar from value.fct_customer_rfm group by segment",
    )
    shown = [(row[0], plain(row[1]), plain(row[2])) for row in page.table("Segments")]
    assert sorted(shown) == sorted(expected)


def test_predicted_value_is_the_sum_and_the_champion_is_judged(
    demo: Installation, page: Page
) -> None:
    ((revenue,),) = _rows(
        demo, "select sum(predicted_revenue_12m) from value.fct_customer_lifetime_value"
    )
    assert plain(page.facts["Predicted net revenue, 12 months, EUR"]) == str(revenue)
    ((coverage, mae),) = _rows(
        demo,
        "select holdout_coverage_80, holdout_mae from value.lifetime_value_models"
        " where is_champion and component = 'purchases'",
    )
    assert f"was within the interval in {10 * coverage:.1f} (8 would be right)" in page.text
    assert f"missed a customer's purchase days by {mae:.2f} on average" in page.text


def test_diagnostics_are_of_the_champion(demo: Installation, page: Page) -> None:
    lift = _rows(
        demo,
        "select position::integer::varchar, printf('%.2f', expected), printf('%.2f', actual)"
        " from value.rpt_lifetime_value_diagnostics where diagnostic = 'lift' and family ="
        " (select family from value.lifetime_value_models where is_champion and component = 'purchases')"
        " order by point_number",
    )
    shown = [tuple(row) for row in page.table("Purchase days per customer")]
    assert shown == lift
    weeks = page.table("Repeat purchase days")
    assert sum(int(row[2]) for row in weeks) == int(plain(weeks[-1][4]))
    assert len(page.table("Chance of being alive")) > 10
    assert len(page.table("Groups by predicted chance")) > 3


def test_loads_are_counted_and_conserved(demo: Installation, page: Page) -> None:
    ((loads, *records),) = _rows(
        demo,
        "select count(*), sum(physical_records), sum(accepted_records), sum(quarantined_records),"
        " sum(redelivered_records) from meta.loads",
    )
    *_, last = page.table("Records by entity")
    assert [plain(cell) for cell in last] == ["All", *map(str, (loads, *records))]


def test_it_is_a_function_of_the_served_file(demo: Installation, html: str) -> None:
    assert make_report(demo.home / "served" / "lifecycle.duckdb").html == html


def test_empty_marts_get_a_sentence_each(demo: Installation, tmp_path: Path) -> None:
    file = tmp_path / "empty.duckdb"
    with duckdb.connect() as connection:
        source = (demo.home / "served" / "lifecycle.duckdb").resolve()
        connection.execute(f"attach '{source}' as full_one (read_only)")
        connection.execute(f"attach '{file}' as empty_one")
        connection.execute("copy from database full_one to empty_one (schema)")
        for kept in ("core.dim_lifecycle_stages", "meta.build_info"):
            connection.execute(f"insert into empty_one.{kept} from full_one.{kept}")
    page = Page(make_report(file).html)
    for sentence in (
        "No customers are known yet.",
        "Nobody has moved from one stage to another yet.",
        "No forecast: too few whole months have been seen so far.",
        "No forecast of revenue: too few whole months have been seen so far",
        "Nobody has bought yet.",
        "No plots: no model is champion",
        "Nothing has been delivered.",
    ):
        assert sentence in page.text
    assert "svg" not in page.tags


def test_without_a_champion_the_reason_is_shown(demo: Installation, tmp_path: Path) -> None:
    file = tmp_path / "none.duckdb"
    with duckdb.connect() as connection:
        source = (demo.home / "served" / "lifecycle.duckdb").resolve()
        connection.execute(f"attach '{source}' as full_one (read_only)")
        connection.execute(f"attach '{file}' as other")
        connection.execute("copy from database full_one to other")
        connection.execute("delete from other.value.lifetime_value_models")
        connection.execute(
            "update other.value.fct_customer_lifetime_value set predicted_revenue_12m = null,"
            " reason_code = case reason_code when 'scored' then 'no_model' else reason_code end"
        )
    text = Page(make_report(file).html).text
    assert "No forecast: too few customers or returns to fit a model (no_model)." in text
    assert "No plots: no model is champion" in text


def test_it_is_made_of_served_tables_only(demo: Installation) -> None:
    assert set(TABLES) <= set(demo.served_tables())


def _run_step(demo: Installation, home: Path) -> tuple[str, dict[str, Any]]:
    """Runs the asset on the demo company's published build, with another folder for reports: why it failed, and
    its metadata."""
    from dagster_project.defs.publication import report

    (home / "served").symlink_to(demo.home / "served")
    settings = load_settings({"LIFECYCLE_HOME": str(home)})
    tools = Toolbox(settings, Warehouse(settings))
    context = dg.build_asset_context(resources={"toolbox": tools})
    try:
        report.report(context)
    except dg.Failure as failure:
        assert not failure.allow_retries
        return failure.description or "", {}
    return "", dict(context.get_output_metadata("result") or {})


def test_dagster_shows_the_path_and_the_pictures(demo: Installation, tmp_path: Path) -> None:
    failure, metadata = _run_step(demo, tmp_path)
    assert failure == ""
    path = tmp_path / "reports" / demo.published_build() / "index.html"
    assert metadata["path"].value == str(path) and path.is_file()
    pictures = [
        value.value for value in metadata.values() if isinstance(value, dg.MarkdownMetadataValue)
    ]
    assert len(pictures) == 4
    assert all("](data:image/svg+xml;base64," in text for text in pictures)
    assert sum(map(len, pictures)) < 200_000


def test_a_report_that_cannot_be_written_is_reported_and_unpublishes_nothing(
    demo: Installation, tmp_path: Path
) -> None:
    (tmp_path / "reports").write_text("in the way")
    before = demo.published_build()
    failure, _ = _run_step(demo, tmp_path)
    assert str(tmp_path / "reports") in failure
    assert demo.published_build() == before
