"""The page: its parts as HTML, and how they look. Belongs here: escaping, tables, figures, sections and the
style sheet. Does not belong here: their content (`sections/`), how charts are drawn (`charts.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import escape
from importlib.resources import files

NOTHING = "\N{EN DASH}"


@dataclass(frozen=True)
class Section:
    """One heading of the report. `body` is HTML."""

    name: str
    title: str
    body: str


@dataclass(frozen=True)
class Share:
    """A table cell that holds a share of 0 to 1, shaded by its size; the share `full` is the darkest."""

    value: float | None
    full: float = 1.0


def number(value: object) -> str:
    """A value formatted for people: grouped by thin spaces, without needless decimals, a dash for None."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    if isinstance(value, Decimal):
        return f"{value:,.2f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    if isinstance(value, float):
        return f"{value:,.1f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def percent(share: float | None, decimals: int = 1) -> str:
    """A share of 0 to 1 in per cent."""
    return NOTHING if share is None else f"{100 * share:.{decimals}f} %"


def month(day: date) -> str:
    """The month of a day."""
    return f"{day:%Y-%m}"


def words(code: str) -> str:
    """A code such as `at_risk` in words."""
    return code.replace("_", " ").capitalize()


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text. `kind`: empty, `note`, or `none` (in place of a chart without data)."""
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def subtitle(text: str) -> str:
    """A heading within a section."""
    return f"<h3>{escape(text)}</h3>"


def facts(pairs: Sequence[tuple[str, str, str]]) -> str:
    """Headline numbers: for each its name, its value, and a remark."""
    cards = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}<small>{escape(note)}</small></dd></div>"
        for name, value, note in pairs
    )
    return f'<dl class="facts">{cards}</dl>'


def table(caption: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table. The first column names the row; numbers are aligned to the right."""
    head = "".join(f'<th scope="col">{escape(header)}</th>' for header in headers)
    body = "".join(
        f'<tr><th scope="row">{escape(number(row[0]))}</th>{"".join(map(_cell, row[1:]))}</tr>'
        for row in rows
    )
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def folded(summary: str, body: str) -> str:
    """A block that is collapsed until a reader opens it."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"


def figure(svg: str, alt: str) -> str:
    """A chart. `alt` describes it in words, for readers who cannot see it."""
    drawn = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(alt, quote=True)}" ', 1)
    return f"<figure>{drawn}<figcaption>{escape(alt)}</figcaption></figure>"


def document(title: str, lead: str, sections: Sequence[Section]) -> str:
    """The whole page: one file that loads nothing from the network and runs no script."""
    contents = "".join(
        f'<li><a href="#{section.name}">{escape(section.title)}</a></li>' for section in sections
    )
    parts = "".join(
        f'<section id="{section.name}" aria-labelledby="{section.name}-title">'
        f'<h2 id="{section.name}-title">{escape(section.title)}</h2>{section.body}</section>\n'
        for section in sections
    )
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<header><h1>{escape(title)}</h1>{paragraph(lead)}</header>\n"
        f'<nav aria-label="Contents"><ul>{contents}</ul></nav>\n<main>\n{parts}</main>\n'
        "</body>\n</html>\n"
    )


def _cell(value: object) -> str:
    if isinstance(value, Share):
        if value.value is None:
            return "<td></td>"
        depth = min(1.0, max(0.0, value.value / value.full)) if value.full else 0.0
        shade = f"background:rgba(31,119,180,{0.55 * depth:.2f})"
        return f'<td class="n" style="{shade}">{percent(value.value, 0)}</td>'
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f'<td class="n">{number(value)}</td>'
    return f"<td>{escape(number(value))}</td>"
