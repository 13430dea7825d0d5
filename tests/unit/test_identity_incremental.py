"""Identity resolution of an incremental build equals that of a full refresh (decision 0035). It runs the SQL of
the models on DuckDB, hundreds of times quicker than a build: short stand-ins replace dbt's macros, and keys are
text as on Spark. tests/integration/test_incremental_equals_full.py tests the whole path, with few companies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import duckdb
import jinja2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_project.transformation.project import DBT_FOLDER

# In dbt's order: a model that reads a table of the previous build runs before that table is written.
MODELS = (
    "int_identifiers_before", "int_merges_before", "int_placeholders_observed", "int_identifiers_listed",
    "int_contacts_merged", "int_affected_sharing", "int_shared_before", "int_identifiers_shared",
    "int_affected_clusters", "int_affected_identities", "int_affected_identifiers", "int_identifiers",
    "int_identifiers_observed", "int_identifiers_clustered", "int_person_keys_before",
    "int_person_keys_resolved", "customer_identity_ledger",
)  # fmt: skip
# The columns that must be equal. Numbers of identifiers may differ.
FOUND = {
    "int_placeholders_observed": "*",
    "int_contacts_merged": "*",
    "int_identifiers_shared": "*",
    "int_identifiers": "identifier_key, is_shared, first_seen_at",
    "int_identifiers_observed": "*",
    "int_identifiers_clustered": "identifier_key, customer_id",
    "int_person_keys_resolved": "*",
    "customer_identity_ledger": "*",
}
MAX_CONTACTS, ROUNDS = 2, 4
DAYS = st.integers(0, 9)


class Person(NamedTuple):
    """The identifiers on a record, which are its key."""

    contact: str | None = None
    email: str | None = None
    phone: str | None = None
    external: str | None = None


class Seen(NamedTuple):
    """When a combination was first seen, and what the contact of the CRM that carries it adds."""

    day: int
    is_contact: bool = False
    merged_into: str | None = None


Override = tuple[str, str, str | None]
Company = Mapping[Person, Seen]
CONTACTS = ["c1", "c2", "c3", "c4", "c5"]
EMAILS = st.none() | st.sampled_from(["a@x", "b@x", "info@x", "none@x"])
PHONES = st.none() | st.sampled_from(["+1", "+2", "+3", "0000"])
EXTERNAL_IDS = st.none() | st.sampled_from(["e1", "e2", "N/A"])
PEOPLE = st.builds(
    Person, st.none() | st.sampled_from(CONTACTS), EMAILS, PHONES, EXTERNAL_IDS
).filter(any)
RECORDS = st.dictionaries(PEOPLE, st.builds(Seen, DAYS), min_size=1, max_size=7)
# A contact is one record of the CRM.
CRM = st.dictionaries(
    st.sampled_from(CONTACTS),
    st.tuples(EMAILS, PHONES, EXTERNAL_IDS, DAYS, st.none() | st.sampled_from([*CONTACTS, "0"])),
    max_size=4,
)


def _company(records: Company, crm: Mapping[str, Any]) -> Company:
    contacts = {
        Person(contact, *names): Seen(day, True, merged_into)
        for contact, (*names, day, merged_into) in crm.items()
    }
    return {**records, **contacts}


COMPANIES = st.builds(_company, RECORDS, CRM)
KEYS = st.sampled_from(
    ["contact_id:s:c1", "contact_id:s:c2", "email::a@x", "email::info@x", "phone::+1", "phone::+2"]
)
OVERRIDES = st.lists(
    st.tuples(st.just("join"), KEYS, KEYS)
    | st.tuples(st.just("split"), KEYS, st.none() | KEYS).filter(
        lambda split: split[1] != split[2]
    ),
    max_size=2,
)


class Identity:
    """The identity tables of one installation."""

    def __init__(self, overrides: Sequence[Override] = ()) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(
            f"create table int_thresholds as"
            f" select {MAX_CONTACTS} as identity_max_contacts, 1 as identity_phone_digits;"
            "create table pseudonym_key as select 1 as inner_pad, 2 as outer_pad;"
            "create table int_phone_numbers as select phone, phone as phone_number"
            " from (values ('+1'), ('+2'), ('+3'), ('0000')) as _ (phone);"
            "create table placeholders as from (values ('contact_id', 'exact', '0'),"
            " ('external_id', 'exact', 'n/a'), ('email', 'local_part', 'none'), ('phone', 'repeated', '0'))"
            " as _ (identifier_type, pattern_kind, pattern);"
            "create table identity_overrides"
            " (override_action varchar, identifier_key varchar, other_identifier_key varchar)"
        )
        for override in overrides:
            self.connection.execute("insert into identity_overrides values ($1, $2, $3)", override)
        self.known: Company = {}

    def build(
        self, company: Company, also_affected: Sequence[Person] = (), *, incremental: bool
    ) -> None:
        """Resolves everybody, or only those affected by a change since the previous build."""
        self.connection.execute(
            "create or replace table int_person_keys_observed (person_key varchar, source_system varchar,"
            " contact_id varchar, email varchar, phone varchar, external_id varchar, first_seen_at timestamp,"
            " is_contact boolean, merged_into varchar);"
            "create or replace table int_affected_person_keys (person_key varchar)"
        )
        for person, seen in company.items():
            self.connection.execute(
                "insert into int_person_keys_observed values"
                " ($1, 's', $2, $3, $4, $5, timestamp '2025-01-01' + to_days($6::integer), $7, $8)",
                [str(person), *person, *seen],
            )
        changed = {person for person, _ in set(company.items()) ^ set(self.known.items())}
        for person in changed | set(also_affected) if incremental else ():
            self.connection.execute(
                "insert into int_affected_person_keys values ($1)", [str(person)]
            )
        for model in MODELS:
            self._write(model, incremental=incremental)
        self.known = dict(company)

    def _write(self, model: str, *, incremental: bool) -> None:
        deleted_by: list[tuple[str, str]] = []
        sql = _rendered(model, deleted_by, incremental=incremental)
        if not (incremental and deleted_by):
            self.connection.execute(f"create or replace table {model} as {sql}")
            return
        ((column, affected),) = deleted_by
        self.connection.execute(
            f"delete from {model} where {column} in (select {column} from {affected})"
        )
        self.connection.execute(f"insert into {model} by name {sql}")

    def found(self) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of all tables of identity, in a fixed order."""
        return {
            table: self.connection.execute(f"select {columns} from {table} order by all").fetchall()
            for table, columns in FOUND.items()
        }

    def customers(self) -> set[frozenset[Person]]:
        """The combinations of each customer."""
        rows = self.connection.execute(
            "select list(person_key) from int_person_keys_resolved group by customer_id"
        ).fetchall()
        by_key = {str(person): person for person in self.known}
        return {frozenset(by_key[key] for key in keys) for (keys,) in rows}


@cache
def _template(model: str) -> jinja2.Template:
    (path,) = (DBT_FOLDER / "models").rglob(f"{model}.sql")
    return jinja2.Template(path.read_text())


def _rendered(model: str, deleted_by: list[tuple[str, str]], *, incremental: bool) -> str:
    """A model's SQL. Appends the column and the table by which it deletes affected rows to `deleted_by`."""

    def incremental_by(column: str, affected: str) -> dict[str, str]:
        deleted_by.append((column, affected))
        return {}

    def only_affected(column: str, affected: str) -> str:
        name = column.rpartition(".")[2]
        return f"and {column} in (select {name} from {affected})" if incremental else ""

    def keys_before(table: str, columns: list[str]) -> str:
        if incremental:
            return f"select {', '.join(columns)} from {table}"
        nulls = (f"cast(null as varchar) as {column}" for column in columns)
        return f"select {', '.join(nulls)} where false"

    def same(key: str) -> str:
        return key

    return _template(model).render(
        ref=lambda name: name,
        source=lambda _, name: name,
        config=lambda **_: "",
        incremental_by=incremental_by,
        only_affected=only_affected,
        keys_before=keys_before,
        builds_incrementally=lambda: incremental,
        is_incremental_build=lambda: str(incremental).lower(),
        lowered=lambda column: f"lower({column})",
        this=model,
        chains_halve=lambda: True,
        var=lambda _: ROUNDS,
        pseudonym=lambda message, *_: f"({message})",
        as_key=same,
        typed_key=same,
        key_digits=same,
        dbt=SimpleNamespace(
            concat=" || ".join,
            hash=lambda text: f"md5({text})",
            split_part=lambda text, delimiter, part: f"split_part({text}, {delimiter}, {part})",
        ),
    )


@pytest.mark.thorough
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    companies=st.lists(COMPANIES, min_size=2, max_size=3),
    overrides=OVERRIDES,
    also_affected=st.lists(PEOPLE, max_size=2),
)
def test_incremental_runs_equal_a_full_refresh(
    companies: list[Company], overrides: list[Override], also_affected: list[Person]
) -> None:
    successive = Identity(overrides)
    successive.build(companies[0], incremental=False)
    for company in companies[1:]:
        successive.build(
            company, [one for one in also_affected if one in company], incremental=True
        )
        whole = Identity(overrides)
        whole.build(company, incremental=False)
        assert successive.found() == whole.found()


def _mailbox(contacts: int) -> Iterator[tuple[Person, Seen]]:
    for number in range(1, contacts + 1):
        yield Person(f"c{number}", "info@x", f"+{number}"), Seen(number)


def _crm(*contacts: str, merged_into: str | None = None, **names: str) -> Company:
    return {Person(contact, **names): Seen(1, True, merged_into) for contact in contacts}


@pytest.mark.parametrize(
    ("before", "more", "overrides"),
    [
        # One record beside a shared mailbox. The mailbox gets a new number without most of its carriers.
        (dict(_mailbox(3)), {Person(None, None, "+3"): Seen(9)}, []),
        # Nothing changes, and there is a mailbox that joins no one.
        (dict(_mailbox(2)), {}, [("split", "email::info@x", None)]),
        # The highest number is free again: it belonged to a neighbour of the mailbox.
        (
            {
                Person("c1", None, "+1"): Seen(0),
                **{Person(f"c{n}", "info@x"): Seen(n) for n in (2, 3, 4)},
            },
            {Person("c4", None, "+3"): Seen(9)},
            [],
        ),
        # The mailbox becomes shared: its contacts come apart.
        (dict(_mailbox(2)), {Person("c3", "info@x", "+3"): Seen(9)}, []),
        # The CRM delivers contacts that orders named before, and the mailbox becomes shared.
        (
            {Person(f"c{n}", "info@x", None, "e1"): Seen(n) for n in (1, 2, 3)},
            _crm("c1", "c2", "c3"),
            [],
        ),
        # A contact is seen with another e-mail, two others were before: the mailbox becomes shared.
        (
            {
                **{Person(f"c{n}", "info@x"): Seen(n) for n in (1, 2, 3)},
                **{Person(f"c{n}", f"{n}@x"): Seen(n) for n in (1, 2)},
            },
            {Person("c3", "b@x"): Seen(9)},
            [],
        ),
        # Two carriers of the mailbox are merged into contacts that do not carry it. These become one.
        (
            {
                **_crm("c1", merged_into="c4"),
                **_crm("c3", merged_into="c5"),
                **_crm("c2", "c4", "c5"),
                **{Person(contact, "info@x"): Seen(2) for contact in ("c1", "c2", "c3")},
            },
            _crm("c4", merged_into="c5"),
            [],
        ),
        # An identifier that an override joins appears later.
        (
            dict(_mailbox(1)),
            {Person("c2", None, "+2"): Seen(9)},
            [("join", "phone::+1", "phone::+2")],
        ),
        # A placeholder becomes the only thing on a record, and disappears.
        ({Person("c1", "a@x"): Seen(1)}, {Person(None, "none@x", "0000", "n/A"): Seen(2)}, []),
    ],
    ids=[
        *("beside", "quiet", "numbers", "shared", "of_crm", "otherwise", "merged", "joined"),
        "placeholders",
    ],
)
def test_an_incremental_run_equals_a_full_refresh(
    before: Company, more: Company, overrides: list[Override]
) -> None:
    successive, whole = Identity(overrides), Identity(overrides)
    successive.build(before, incremental=False)
    successive.build({**before, **more}, incremental=True)
    whole.build({**before, **more}, incremental=False)
    assert successive.found() == whole.found()
    # And back: corrections remove the identifiers of records, or replace them.
    successive.build(before, incremental=True)
    whole.build(before, incremental=False)
    assert successive.found() == whole.found()
