"""`lifecycle dev` as a person runs it: what its page answers over HTTP, and that nothing outlives it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.conftest import NewInstallation
from tests.support.installation import ROOT, Installation

PROCESSES = 5  # at least: the page, the daemon, the code behind its proxy, and the guard
START_SECONDS, END_SECONDS = 240, 90  # on a machine that does much else at the same time
SCHEDULE = (
    'scheduleSelector: {repositoryLocationName: "dagster_project.definitions",'
    ' repositoryName: "__repository__", scheduleName: "nightly"}'
)
START_SCHEDULE = f"mutation {{startSchedule({SCHEDULE}) {{__typename}}}}"
SCHEDULE_STATUS = (
    f"{{scheduleOrError({SCHEDULE}) {{... on Schedule {{scheduleState {{status}}}}}}}}"
)
VERSION = "query {version}"
JSON = {"Content-Type": "application/json"}
OWN_FETCH = {"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"}
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    "Sec-WebSocket-Protocol": "graphql-ws",
}


@dataclass(frozen=True)
class Page:
    """A running `lifecycle dev`: its process, its port, and the file of what it prints."""

    process: subprocess.Popen[bytes]
    port: int
    output: Path

    def ask(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, str]:
        """One request with exactly these headers (`_` for `-`): the status and the text of the answer.
        `PORT` in a header stands for the page's port."""
        given = {"Host": "127.0.0.1:PORT", **{k.replace("_", "-"): v for k, v in headers.items()}}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True)
            for name, value in given.items():
                connection.putheader(name, value.replace("PORT", str(self.port)))
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(None if body is None else body.encode())
            answer = connection.getresponse()
            return answer.status, "" if answer.status == 101 else answer.read().decode()
        finally:
            connection.close()

    def graphql(self, query: str) -> str:
        """What the page's own script gets."""
        body = json.dumps({"query": query})
        status, text = self.ask(
            "POST", "/graphql", body, Origin="http://127.0.0.1:PORT", **JSON, **OWN_FETCH
        )
        assert status == 200, text
        return text


@contextmanager
def running(installation: Installation, until: Callable[[Page], bool]) -> Iterator[Page]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    output = installation.home / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster_project.cli", "dev", "--port", str(port)],
            env=installation.environment(),
            cwd=ROOT,
            stdout=file,
            stderr=file,
            process_group=0,
        )
    page = Page(process, port, output)
    groups = {process.pid}
    try:
        wait(lambda: process.poll() is not None or until(page), START_SECONDS)
        assert process.poll() is None, output.read_text()
        groups |= {group for _, group in descendants(process.pid)}
        yield page
    finally:
        process.kill()
        process.wait()
        for group in groups:
            if members(group):
                os.killpg(group, signal.SIGKILL)


def wait(until: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, f"waited {seconds} seconds"
        time.sleep(0.1)


def processes() -> list[tuple[int, int, int, str]]:
    """Id, parent, group and command of every process that runs."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,pgid=,stat=,command="],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = [line.split(maxsplit=4) for line in listed.splitlines()]
    return [
        (int(row[0]), int(row[1]), int(row[2]), row[4])
        for row in rows
        if not row[3].startswith("Z")
    ]


def descendants(ancestor: int) -> list[tuple[int, int]]:
    """Id and group of every process that it started, and of those that they started."""
    found: list[tuple[int, int]] = []
    parents, listed = {ancestor}, processes()
    while parents:
        children = [(pid, group) for pid, parent, group, _ in listed if parent in parents]
        found += children
        parents = {pid for pid, _ in children}
    return found


def members(group: int) -> list[str]:
    return [command for _, _, of, command in processes() if of == group]


def answers(page: Page) -> bool:
    try:
        return page.ask("GET", "/server_info")[0] == 200
    except OSError:
        return False


def all_run(page: Page) -> bool:
    return len(descendants(page.process.pid)) >= PROCESSES


@pytest.fixture(scope="module")
def installation(new_installation: NewInstallation) -> Installation:
    return new_installation()


@pytest.fixture(scope="module")
def page(installation: Installation) -> Iterator[Page]:
    with running(installation, answers) as started:
        yield started


def test_killed_it_leaves_no_process(installation: Installation) -> None:
    """The first test: the page of the others starts where this one was killed."""
    with running(installation, all_run) as started:
        groups = {group for _, group in descendants(started.process.pid)}
        assert sum(len(members(group)) for group in groups) >= PROCESSES
        started.process.kill()
        wait(lambda: not any(members(group) for group in groups), END_SECONDS)


def test_it_starts_with_its_address_and_no_warning(page: Page) -> None:
    assert page.output.read_text().splitlines() == [
        "Dagster's page is starting.",
        f"http://127.0.0.1:{page.port} (Ctrl-C ends it)",
    ]


@pytest.mark.parametrize("host", ["127.0.0.1:PORT", "localhost:PORT", "[::1]:PORT"])
def test_its_own_names_are_answered(page: Page, host: str) -> None:
    assert page.ask("GET", "/", Host=host, Sec_Fetch_Site="none")[0] == 200
    status, text = page.ask(
        "POST",
        "/graphql",
        json.dumps({"query": VERSION}),
        Host=host,
        Origin=f"http://{host}",
        **JSON,
    )
    assert (status, list(json.loads(text))) == (200, ["data"])


@pytest.mark.parametrize(
    "host",
    ["shop.example:PORT", "shop.example", "127.0.0.1", "localhost:1", "127.0.0.1:PORT.example"],
)
def test_a_name_made_to_point_here_is_refused(page: Page, host: str) -> None:
    body = json.dumps({"query": VERSION})
    assert page.ask("GET", "/", Host=host)[0] == 403
    assert page.ask("POST", "/graphql", body, Host=host, **JSON)[0] == 403
    assert page.ask("GET", "/graphql", Host=host, **UPGRADE)[0] == 403


@pytest.mark.parametrize(
    "origin", ["https://shop.example", "http://localhost:1", "https://127.0.0.1:PORT", "null"]
)
def test_another_origin_is_refused(page: Page, origin: str) -> None:
    body = json.dumps({"query": VERSION})
    refused = (403, "Refused: the request comes from another page.")
    assert page.ask("POST", "/graphql", body, Origin=origin, **JSON) == refused
    assert page.ask("GET", "/graphql", Origin=origin, **UPGRADE) == refused


def test_the_websocket_of_its_own_page_is_opened(page: Page) -> None:
    assert page.ask("GET", "/graphql", Origin="http://127.0.0.1:PORT", **UPGRADE)[0] == 101


@pytest.mark.parametrize("destination", ["iframe", "image", "script", "empty"])
def test_another_site_cannot_embed_it_but_may_link_to_it(page: Page, destination: str) -> None:
    for site in ("cross-site", "same-site"):  # the second: another port of this machine
        status, _ = page.ask("GET", "/", Sec_Fetch_Site=site, Sec_Fetch_Dest=destination)
        assert status == 403
    assert page.ask("GET", "/", Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="document")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        f"/graphql?query={quote(START_SCHEDULE)}",
        f"/graphql%0A?query={quote(START_SCHEDULE)}",  # the router drops the line break
        f"/graphql?query={quote(VERSION)}&query={quote(START_SCHEDULE)}",  # the last one counts
        f"/graphql?query={quote('query a {version} mutation b {startSchedule}')}&operationName=b",
        f"/graphql?query={quote('subscription {runs}')}",
        "/graphql?query=neither",
        "/graphql?query=" + "{a" * 5_000,
    ],
)
def test_get_only_reads(page: Page, path: str) -> None:
    assert page.ask("GET", path)[0] == 403
    assert page.ask("GET", path, Accept="text/html")[0] == 403
    assert '"STOPPED"' in page.graphql(SCHEDULE_STATUS)


def test_get_reads(page: Page) -> None:
    status, text = page.ask("GET", f"/graphql?query={quote(VERSION)}")
    assert (status, list(json.loads(text))) == (200, ["data"])
    assert page.ask("GET", "/graphql", Accept="text/html")[0] == 200  # the page to try queries on


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "application/graphql",
        "text/plain; of=application/json",  # Dagster alone would read it as JSON
    ],
)
def test_what_a_form_can_send_is_refused(page: Page, content_type: str) -> None:
    body = json.dumps({"query": START_SCHEDULE})
    for path in ("/graphql", f"/graphql?query={quote(START_SCHEDULE)}"):
        assert page.ask("POST", path, body, Content_Type=content_type)[0] == 403
    assert page.ask("POST", "/report_asset_materialization/core/dim_customers", body)[0] == 403
    assert '"STOPPED"' in page.graphql(SCHEDULE_STATUS)


def test_its_own_page_starts_the_schedule(page: Page) -> None:
    """The mutation that is refused above does start it."""
    assert "ScheduleStateResult" in page.graphql(START_SCHEDULE)
    assert '"RUNNING"' in page.graphql(SCHEDULE_STATUS)


def test_a_port_in_use_is_refused_in_words(page: Page, installation: Installation) -> None:
    outcome = installation.lifecycle("dev", "--port", str(page.port))
    assert outcome.returncode == 1
    assert f"where: 127.0.0.1:{page.port}" in outcome.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_processes_that_run_together_end_with_one_sentence(number: int, tmp_path: Path) -> None:
    """The same for those that ignore the polite signal."""
    stubborn = (
        f"import signal, time; signal.signal({int(signal.SIGTERM)}, signal.SIG_IGN);"
        " print('up', flush=True); time.sleep(60)"
    )
    code = (
        "import sys\nfrom dagster_project.instance import processes\nprocesses.CLOSING_SECONDS = 1\n"
        f"command = [sys.executable, '-c', {stubborn!r}]\n"
        "print(processes.run_together({'a': command, 'b': command}))"
    )
    output = tmp_path / "output.txt"
    with output.open("wb") as file:
        parent = subprocess.Popen([sys.executable, "-c", code], stdout=file, stderr=file)
    wait(lambda: output.read_text().count("up") == 2, END_SECONDS)
    started = descendants(parent.pid)
    parent.send_signal(number)
    assert parent.wait(END_SECONDS) == 0
    assert output.read_text().split() == ["up", "up", "None"]
    assert not [command for _, group in started for command in members(group)]


def test_one_that_ends_by_itself_ends_the_others() -> None:
    code = (
        "from dagster_project.instance.processes import run_together\n"
        "print(run_together({'a': ['sleep', '60'], 'b': ['sh', '-c', 'exit 3']}))"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=END_SECONDS,
        check=True,
    )
    assert outcome.stdout == "b, exit code 3\n"


def test_sigterm_ends_every_process(page: Page) -> None:
    groups = {group for _, group in descendants(page.process.pid)}
    assert sum(len(members(group)) for group in groups) >= PROCESSES
    page.process.terminate()
    assert page.process.wait(END_SECONDS) == 0
    assert not any(members(group) for group in groups)
    assert page.output.read_text().endswith("\nDagster's page and its daemon have ended.\n")
    assert "Traceback" not in page.output.read_text()
