"""Ratings in stars, as people and systems write them. Belongs here: SQL of whether a rating is one.
Does not belong here: its value, which the macro `stars` computes (dbt/macros/stars.sql) from the
same text."""

from __future__ import annotations

from dagster_project.warehouse.sql import literal

WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
LARGEST_SCALE = 1000


def is_rating(rating: str, scale: str) -> str:
    """SQL that is true when `rating` is 1 to 5 stars, a word for it, or between 0 and its scale. A scale in
    the rating itself (`8/10`, `8 of 10`, `80 %`) goes before `scale`, SQL of the declared one."""
    text = f"lower(replace(trim({rating}::varchar), ',', '.'))"
    for separator in (" out of ", " of "):
        text = f"replace({text}, '{separator}', '/')"
    text = f"replace({text}, '%', '/100')"
    own, on = (f"trim(split_part({text}, '/', {part}))" for part in (1, 2))
    words = ", ".join(map(literal, WORDS))
    number = f"try_cast({own} as decimal(18, 6))"
    top = f"case when {on} = '' then {scale} else try_cast({on} as integer) end"
    return f"""
        case
            when not regexp_full_match({text}, '[a-z]+|[0-9]+([.][0-9]*)?( */ *[0-9]+)?') then false
            when {own} in ({words}) then true
            when {on} = '' and {scale} is null then {number} between 1 and 5
            else {top} between 2 and {LARGEST_SCALE} and {number} between 0 and {top}
        end"""
