"""Rules for feeds that stopped. Belongs here: the suite on `int_feeds_dated`, which knows each feed's own
rhythm, at the build's logical end. Does not belong here: the rhythm (`dbt/models/intermediate/activity/`), or
its thresholds (`seeds/reference/thresholds.csv`)."""

from __future__ import annotations

from dagster_project.quality.suites.model import Expectation, Suite, no_records

SUITE = "freshness_feeds"


def freshness_suites() -> list[Suite]:
    """The suite `freshness_feeds`: warnings that name system and entity, and how old the newest record is."""
    return [
        Suite(
            name=SUITE,
            relation="intermediate.int_feeds_dated",
            expectations=(
                _silent(
                    "no_feed_stopped",
                    "has_stopped",
                    "source_system || ' ' || entity || ': newest record of ' || last_day || ', ' || age_days"
                    " || ' days before the end of the build; usual: one every '"
                    " || usual_gap_days || ' days or sooner'",
                    "a feed that went silent makes customers look lost, or tickets and refunds look rare",
                ),
                _silent(
                    "no_system_stopped",
                    "is_newest_of_silent_system",
                    "source_system || ': newest record of ' || last_day || ' (' || entity || '), ' || age_days"
                    " || ' days before the end of the build'",
                    "a system that went silent makes its customers look lost",
                ),
            ),
        )
    ]


def _silent(name: str, condition: str, described: str, why: str) -> Expectation:
    """A warning that names the feeds that meet a condition, the one that stopped first before the others."""
    ordered = f"{described}, '; ' order by last_day, source_system, entity"
    detail = f"string_agg({ordered}) filter (where {condition})"
    return no_records(name, condition, why, severity="warning", detail=detail)
