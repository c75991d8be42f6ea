"""Whole pages over HTTP, with session, rights and audit, from ``scoreport serve`` as an operator starts it.

A school's report with 50 rows of its roster, and the dashboard, beside a bare Django view of the same server
(:mod:`bench.bare`); one browser and 32 at once; then the first page of thousands of people who have just signed in.
The servers stand side by side and take turns, because a shared machine changes its speed within minutes.
"""

import datetime as dt
import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import bare, child
from bench.child import Result, Watch
from bench.databases import FOLDER, ROOT, Database
from bench.files import organizations_file
from bench.large import DISTRICT_ROWS, SCHOOL_ROWS, YEAR
from bench.stalled import processor

PEOPLE: Final = 5_000
AT_ONCE: Final = (1, 32)
_READERS: Final = 320
"""So many people read in turns while 32 browsers are at work; each has opened a page before."""
_SCHOOLS: Final = DISTRICT_ROWS // SCHOOL_ROWS
_START_SECONDS: Final = 60.0
_EMAIL: Final = "reader{}@bench.example"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that was started: where it answers, and its process."""

    port: int
    pid: int


def measure(database: Database, *, people: int, seconds: float) -> Result:
    """Build what is needed, start the servers, and ask for pages."""
    organizations = organizations_file(FOLDER, districts=1, schools=_SCHOOLS)
    child.run(database, "large", "build", organizations=str(organizations), districts=1)
    signed_in = child.run(database, "pages", "sign_in", people=people)
    sessions = json.loads(Path(signed_in["sessions"]).read_text(encoding="utf-8"))
    found: Result = {"built": signed_in["steps"], "queries": child.run(database, "pages", "count_queries"), "pages": {}}
    with ExitStack() as running:
        ours = running.enter_context(_serving(database, "serve"))
        floor = running.enter_context(_serving(database, "bare"))
        asked = {"bare": (floor, [bare.PATH]), "roster": (ours, _rosters()), "dashboard": (ours, ["/"])}
        for server, paths in asked.values():
            _visit(server, paths, sessions[:_READERS], browsers=4, seconds=0)
        for browsers in AT_ONCE:
            for name, (server, paths) in asked.items():
                result = _visit(server, paths, sessions[:_READERS], browsers=browsers, seconds=seconds)
                found["pages"].setdefault(name, {})[str(browsers)] = result
    if people > _READERS:
        with _serving(database, "serve", TRUST_PROXY="yes") as server:
            paths = [_rosters()[number % _SCHOOLS] for number in range(_READERS, people)]
            found["first"] = _visit(server, paths, sessions[_READERS:], browsers=people - _READERS, seconds=0)
    return found


def _rosters() -> list[str]:
    """Return the address of the report of each school, in the order in which people belong to them."""
    return [f"/reports/clep/{500000 + school}/{YEAR}-{YEAR + 1}/" for school in range(_SCHOOLS)]


def _visit(server: Server, paths: list[str], sessions: list[str], *, browsers: int, seconds: float) -> Result:
    plan = {"port": server.port, "paths": paths, "sessions": sessions, "browsers": browsers, "seconds": seconds}
    load, used = os.getloadavg()[0], processor(server.pid)
    done = subprocess.run(
        [sys.executable, "-m", "bench.visitors"],
        cwd=ROOT,
        input=json.dumps(plan),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    result: Result = json.loads(done.stdout)
    cpu = 1000 * (processor(server.pid) - used) / result["pages"]
    sys.stderr.write(
        f"  {paths[0]}, {browsers} at once: {result['pages_per_second']} pages/s, {cpu:.1f} ms of processor"
        f" and {1000 * result['client_seconds'] / result['pages']:.2f} of the client, {result['statuses']}\n"
    )
    return result | {"load": round(load, 1), "cpu_ms": round(cpu, 2)}


@contextmanager
def _serving(database: Database, which: str, **settings: str) -> Iterator[Server]:
    """Run the server, or the bare view behind the same one with as many processes."""
    port = _free_port()
    environment = {name: value for name, value in database.environment().items() if name != "DEMO"} | settings
    command = [sys.executable, "-m", "scoreport.cli.main", "serve", "--port", str(port)]
    if which == "bare":
        environment |= {"DJANGO_SETTINGS_MODULE": "bench.bare"}
        command = [sys.executable, "-m", "scoreport.cli.children", "web", "127.0.0.1", str(port), _processes()]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE) as process:
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not _is_open(port):
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.2)
            yield Server(port, process.pid)
        finally:
            process.terminate()


def _processes() -> str:
    """Return in how many processes ``scoreport serve`` answers when nothing is said."""
    return str(os.process_cpu_count() or 1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# --- In the child -------------------------------------------------------------------------------


def sign_in(people: int) -> Result:
    """Let so many people have an account, a second factor, the Detailed Reports role at a school, and a session."""
    from django.core.management import call_command

    from scoreport.lib.clock import now
    from scoreport.lib.purpose import set_purpose

    watch, at = Watch(), now()
    call_command("setup", verbosity=0, stdout=io.StringIO())
    with watch.step("people"):
        accounts = [_account(number, at) for number in range(people)]
    with watch.step("sessions"):
        sessions = [_session(person, at) for person in accounts]
    # The server is started as an operator would, and a demo's database opens with DEMO=yes alone.
    set_purpose(None)
    path = Path(os.environ["SCOREPORT_DATA_DIR"]) / "bench_sessions.json"
    path.write_text(json.dumps(sessions), encoding="utf-8")
    return {"steps": watch.steps, "sessions": str(path)}


def _account(number: int, at: dt.datetime) -> int:
    from allauth.mfa.models import Authenticator

    from scoreport import access
    from scoreport.accounts.actions import create_person
    from scoreport.organizations.actions import grant_role

    actor, email = access.command("bench"), _EMAIL.format(number)
    person = create_person(actor, email=email, name=f"Reader {number}", at=at)
    role, school = access.Role.DETAILED_REPORTS, str(500000 + number % _SCHOOLS)
    grant_role(actor, email=email, organization=school, role=role, at=at)
    Authenticator.objects.create(user_id=person.id, type=Authenticator.Type.TOTP, data={"secret": "made up"})
    return person.id


def _session(person: int, at: dt.datetime) -> str:
    """Sign a person in, as the pages of sign-in do after the password and the code, and return the session's key."""
    from allauth.account.internal.flows.login import record_authentication
    from allauth.mfa.models import Authenticator
    from django.contrib import auth
    from django.contrib.sessions.backends.db import SessionStore
    from django.test import RequestFactory

    from scoreport.organizations.queries import actor_of
    from scoreport.web import sessions

    request: Any = RequestFactory(headers={"user-agent": "Bench"}).get("/")
    request.session, request.at = SessionStore(), at
    user = auth.get_user_model().objects.get(pk=person)
    factor = Authenticator.objects.get(user_id=person)
    auth.login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    record_authentication(request, user, method="mfa", id=factor.pk, type=factor.type)
    request.actor = sessions.begin(request, actor_of(person, second_factor=True, address="127.0.0.1", at=at))
    request.session.save()
    return str(request.session.session_key)


def count_queries() -> Result:
    """Return how many queries a page asks of the database, once it was opened before."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    path = Path(os.environ["SCOREPORT_DATA_DIR"]) / "bench_sessions.json"
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.cookies["sessionid"] = json.loads(path.read_text(encoding="utf-8"))[0]
    found: Result = {}
    for name, address in {"roster": _rosters()[0], "dashboard": "/"}.items():
        for _try in range(2):
            with CaptureQueriesContext(connection) as captured:
                answer = browser.get(address)
            assert answer.status_code == 200, f"{address}: {answer.status_code}"
        found[name] = len([query for query in captured.captured_queries if query["sql"].split()[0] not in _AROUND])
    return found


_AROUND: Final = frozenset({"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"})
