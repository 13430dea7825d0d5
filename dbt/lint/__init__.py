"""Stand-ins for dbt: sqlfluff renders the models with them, without dbt and without a warehouse. Belongs here:
the names of dbt's Jinja context that models and macros use. Does not belong here: what runs in a build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from jinja2 import pass_context
from sqlfluff.core.templaters.builtins.dbt import MacroReturn

_PROJECT = Path(__file__).resolve().parent.parent
_VARIABLES: dict[str, Any] = {
    **yaml.safe_load((_PROJECT / "dbt_project.yml").read_text())["vars"],
    **yaml.safe_load((_PROJECT / "lifecycles.yml").read_text()),
}

# As while dbt parses: macros then write every reference, those of incremental builds too.
execute = False


def var(name: str, default: Any = None) -> Any:
    """A var of the project."""
    return _VARIABLES.get(name, default)


def _return(value: Any) -> str:
    """Texts become the text of the macro. Other values end it, so that its caller gets them."""
    if isinstance(value, str):
        return value
    raise MacroReturn(value)


globals()["return"] = _return


def env_var(_: str, default: str = "") -> str:
    """No variable of the environment is set."""
    return default


class adapter:  # noqa: N801
    """dbt's adapter."""

    @staticmethod
    @pass_context
    def dispatch(context: Any, name: str) -> Any:
        """The macro that DuckDB uses."""
        return context.get(f"duckdb__{name}") or context[f"default__{name}"]


class target:  # noqa: N801
    """The target of the profile."""

    type = "duckdb"


class dbt:  # noqa: N801
    """dbt's cross-database macros, as DuckDB writes them."""

    @staticmethod
    def type_string() -> str:
        """The type of text."""
        return "text"

    @staticmethod
    def type_timestamp() -> str:
        """The type of moments."""
        return "timestamp"

    @staticmethod
    def concat(fields: Sequence[str]) -> str:
        """Joined texts."""
        return " || ".join(fields)

    @staticmethod
    def hash(field: str) -> str:
        """The hash of a text."""
        return f"md5({field})"

    @staticmethod
    def split_part(text: str, delimiter: str, part: int) -> str:
        """A part of a text."""
        return f"split_part({text}, {delimiter}, {part})"

    @staticmethod
    def date_trunc(part: str, moment: str) -> str:
        """The start of a period."""
        return f"date_trunc('{part}', {moment})"

    @staticmethod
    def dateadd(part: str, count: Any, moment: str) -> str:
        """A moment some periods later."""
        return f"date_add({moment}, interval ({count}) {part})"

    @staticmethod
    def datediff(start: str, end: str, part: str) -> str:
        """The number of periods between two moments."""
        return f"date_diff('{part}', {start}, {end})"

    @staticmethod
    def listagg(values: str, delimiter: str, order: str) -> str:
        """The values of a group as one text."""
        return f"listagg({values}, {delimiter} {order})"
