"""`lifecycle identify`: the key of an identifier that you know, and its customer. Belongs here: the command.
Does not belong here: identity resolution (`dbt/models/intermediate/identity/`).

The identifier is read from standard input: the shell's history must not hold it."""

from __future__ import annotations

import argparse
import hashlib
import hmac
import sys

from dagster_project.cli.reading import opened, rows
from dagster_project.errors import UserError
from dagster_project.settings import Settings, load_settings
from dagster_project.warehouse.pseudonyms import pseudonym_key

DIGITS = 32


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when the served build has the identifier."""
    settings = load_settings()
    if sys.stdin.isatty():
        print(
            f"{arguments.type} (as the warehouse compares it: e-mail in lower case, phone in E.164):"
        )
    identifier = sys.stdin.readline().strip()
    if not identifier:
        raise UserError(
            "No identifier was given.", where="standard input", todo="Type it, or pipe it in."
        )
    if arguments.type == "contact_id" and not arguments.system:
        raise UserError(
            "A contact id belongs to a system.", where="--system", todo="Name the system."
        )
    key = identifier_key(settings, arguments.type, arguments.system or "", identifier)
    with opened(settings.served_folder / "lifecycle.duckdb") as connection:
        if not rows(
            connection,
            "select 1 from duckdb_tables() where table_name = 'customer_identity_ledger'",
        ):
            raise UserError(
                "The published build has no identity ledger: an older version of the code built it.",
                where=str(settings.served_folder),
                todo="Run `lifecycle build`.",
            )
        found = rows(
            connection,
            "select customer_id, joined_by, is_eldest, is_shared, is_split, first_seen_at"
            f" from core.customer_identity_ledger where identifier_key = '{key}'",
        )
    print(f"identifier_key  {key}")
    if not found:
        print("No record of the published build has this identifier.")
        return 1
    customer, joined_by, is_eldest, is_shared, is_split, first_seen = found[0]
    print(f"customer_id     {customer or 'none: this identifier joins no records'}")
    print(f"joined by       {joined_by}{', the eldest identifier' if is_eldest else ''}")
    print(f"shared, split   {'yes' if is_shared else 'no'}, {'yes' if is_split else 'no'}")
    print(f"first seen      {first_seen} UTC")
    print("To join or split by hand, add a row to seeds/reference/identity_overrides.csv.")
    return 0


def identifier_key(settings: Settings, kind: str, system: str, identifier: str) -> str:
    """The keyed pseudonym that models compute (macro `pseudonym`): the first 32 hex digits of
    HMAC-SHA256 over `type:system:identifier`; only a contact id has a system."""
    scope = system if kind == "contact_id" else ""
    message = f"{kind}:{scope}:{identifier}".encode()
    return hmac.new(pseudonym_key(settings), message, hashlib.sha256).hexdigest()[:DIGITS]
