"""Charts as static SVG. Belongs here: the kinds of chart that the report uses, as Vega-Lite, and drawing them
with vl-convert, which needs no browser and no network. Does not belong here: which numbers are drawn
(`sections/`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

Point = dict[str, Any]
Spec = dict[str, Any]

WIDTH, HEIGHT = 720, 260
# Okabe and Ito's colours, distinguishable with red-green colour blindness, darkened for white paper.
DASHES = [[1, 0], [7, 3], [2, 2], [8, 3, 2, 3], [12, 3], [4, 1], [1, 3]]
COLOURS = ("#0072b2", "#d55e00", "#00805d", "#b0568c", "#8a6d00", "#3d3d3d", "#4aa0d8")
STYLE = {
    "font": "DejaVu Sans, Verdana, sans-serif",
    "aria": False,
    "background": "white",
    "view": {"stroke": None},
    "axis": {"labelColor": "#1a1a1a", "titleColor": "#1a1a1a", "gridColor": "#e4e4e4",
             "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "orient": "bottom", "columns": 3,
               "labelLimit": 240, "symbolStrokeWidth": 3},
    "header": {"labelFontSize": 12},
}  # fmt: skip


def draw(spec: Spec) -> str:
    """The chart as SVG."""
    import vl_convert  # starts a JavaScript engine, so it is imported only to draw

    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "config": STYLE,
        **spec,
    }
    # Numbers rounded to a tenth of a pixel: half the size, and no visible difference.
    svg = str(vl_convert.vegalite_to_svg(whole))
    return re.sub(r"(\d+\.\d)\d+", r"\1", svg)


def lines(
    points: Sequence[Point],
    *,
    x: str,
    y: str,
    x_title: str,
    y_title: str,
    series: str | None = None,
    order: Sequence[str] = (),
    band: tuple[str, str] | None = None,
    diagonal: bool = False,
    percent: bool = False,
    marks: bool = False,
) -> str:
    """Lines over `x` (a date, a number, or a text in its order), one per value of `series`, all of which are in
    `order`. `band`: the columns of an interval, drawn behind the lines; `diagonal`: whether to draw the line
    where both axes are equal; `percent`: whether values are shares of 0 to 1."""
    across = _across(points, x, x_title, is_share=diagonal and percent)
    up: Spec = {"field": y, "type": "quantitative", "axis": _axis(y_title, percent)}
    encoding: Spec = {"x": across, "y": up}
    if series is not None:
        encoding |= {
            "color": _colour(series, order),
            "strokeDash": {"field": series, "type": "nominal", "sort": list(order) or None,
                           "scale": {"domain": list(order), "range": DASHES[: len(order)]}, "legend": None},
        }  # fmt: skip
    mark: Spec = {"type": "line", "strokeWidth": 2, "point": {"size": 30} if marks else False}
    layers: list[Spec] = [{"mark": mark, "encoding": encoding}]
    if band is not None:
        edges: Spec = {"x": across, "y": up | {"field": band[0]}, "y2": {"field": band[1]}}
        if series is not None:
            edges["color"] = _colour(series, order)
        layers.insert(0, {"mark": {"type": "area", "opacity": 0.15}, "encoding": edges})
    if diagonal:
        top = max((max(p[x], p[y]) for p in points), default=1.0)
        ends = {"values": [{x: 0, y: 0}, {x: top, y: top}]}
        rule: Spec = {"type": "line", "strokeDash": [4, 4], "color": "#767676", "strokeWidth": 1}
        layers.insert(0, {"data": ends, "mark": rule, "encoding": {"x": across, "y": up}})
    return draw({"width": WIDTH, "height": HEIGHT, "data": _data(points), "layer": layers})


def bars(
    points: Sequence[Point],
    *,
    x: str,
    y: str,
    x_title: str,
    y_title: str = "",
    order: Sequence[str] = (),
) -> str:
    """Horizontal bars, one per value of `y`, with their numbers."""
    place: Spec = {"field": y, "type": "nominal", "sort": list(order) or None,
                   "axis": {"title": y_title or None, "labelLimit": 260}}  # fmt: skip
    axis: Spec = {"title": x_title, "labels": False, "ticks": False, "grid": False}
    length: Spec = {"field": x, "type": "quantitative", "axis": axis}
    label: Spec = {"text": {"field": x, "type": "quantitative", "format": ","}}
    text: Spec = {"type": "text", "align": "left", "dx": 4, "fontSize": 12, "color": "#1a1a1a"}
    return draw(
        {
            "width": WIDTH - 200,
            "height": {"step": 26},
            "data": _data(points),
            "encoding": {"y": place, "x": length},
            "layer": [
                {"mark": {"type": "bar", "color": COLOURS[0]}},
                {"mark": text, "encoding": label},
            ],
        }
    )


def heat(
    points: Sequence[Point],
    *,
    x: str,
    y: str,
    share: str,
    x_title: str,
    y_title: str,
    x_order: Sequence[object],
    y_order: Sequence[object],
    labelled: bool = True,
) -> str:
    """A heat map of shares of 0 to 1: pale is 0, dark is the largest."""
    largest = max((point[share] for point in points), default=0.0) or 1.0
    axes: Spec = {
        "x": {"field": x, "type": "ordinal", "sort": list(x_order),
              "scale": {"domain": list(x_order)},
              "axis": {"title": x_title, "labelAngle": 0, "labelLimit": 120,
                       "labelOverlap": False, "labelExpr": "split(datum.label, ' ')"}},
        "y": {"field": y, "type": "ordinal", "sort": list(y_order),
              "scale": {"domain": list(y_order)},
              "axis": {"title": y_title, "labelLimit": 220}},
    }  # fmt: skip
    colour: Spec = {"field": share, "type": "quantitative", "legend": None,
                    "scale": {"domain": [0, largest], "range": ["#f2f7fb", "#08467c"]}}  # fmt: skip
    layers: list[Spec] = [
        {"mark": {"type": "rect", "stroke": "white"}, "encoding": {"color": colour}}
    ]
    if labelled:
        contrast: Spec = {"condition": {"test": f"datum['{share}'] > {0.55 * largest}", "value": "white"},
                          "value": "#1a1a1a"}  # fmt: skip
        text: Spec = {"field": share, "type": "quantitative", "format": ".0%"}
        layers.append(
            {
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {"text": text, "color": contrast},
            }
        )
    columns, rows = max(len(x_order), 1), max(len(y_order), 1)
    return draw(
        {
            "width": min(WIDTH - 120, 110 * columns),
            "height": 24 * rows,
            "data": _data(points),
            "encoding": axes,
            "layer": layers,
        }
    )


def _data(points: Sequence[Point]) -> Spec:
    return {
        "values": [
            {
                name: value.isoformat() if isinstance(value, date) else value
                for name, value in point.items()
            }
            for point in points
        ]
    }


def _across(points: Sequence[Point], x: str, title: str, *, is_share: bool) -> Spec:
    first = points[0][x] if points else 0
    axis = {**_axis(title, is_share), "grid": False} | ({} if is_share else {"tickMinStep": 1})
    if isinstance(first, date):
        axis |= {"format": "%Y-%m", "labelOverlap": "greedy"}
        return {"field": x, "type": "temporal", "axis": axis, "scale": {"type": "utc"}}
    if isinstance(first, str):
        return {"field": x, "type": "ordinal", "axis": {"title": title, "labelAngle": 0}}
    return {
        "field": x,
        "type": "quantitative",
        "axis": axis,
        "scale": {"zero": False, "nice": False},
    }


def _axis(title: str, percent: bool) -> Spec:
    return {"title": title, **({"format": ".0%"} if percent else {"format": ",~f"})}


def _colour(series: str, order: Sequence[str]) -> Spec:
    scale: Spec = {"range": list(COLOURS), **({"domain": list(order)} if order else {})}
    return {"field": series, "type": "nominal", "sort": list(order) or None, "scale": scale,
            "legend": {"title": None, "symbolType": "stroke", "symbolOpacity": 1}}  # fmt: skip
