"""What every test can lean on: the world of tests/world.py, its clock, and a client for each person."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core.cache.backends.locmem import LocMemCache
from django.db.models import Q
from django.test import Client, override_settings
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult, get_date_max
from hypothesis import settings as hypothesis_settings

from scoreport.imports import staging
from scoreport.lib.cache_values import CacheSerializer
from scoreport.web.middleware import AT_KEY
from tests import kept_world
from tests import world as worlds
from tests.costs import pytest_terminal_summary
from tests.migrated import django_db_modify_db_settings, migrated, script
from tests.object_storage import files_in_s3, object_storage, storage_server
from tests.postman import postman
from tests.web.inspection import inspect

__all__ = [
    "django_db_modify_db_settings",
    "files_in_s3",
    "migrated",
    "object_storage",
    "postman",
    "pytest_terminal_summary",
    "script",
    "storage_server",
]

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden"

# How long an example takes says more about the machine than about the code, and fails at random.
hypothesis_settings.register_profile("scoreport", deadline=None)
hypothesis_settings.load_profile("scoreport")


def shared_dir() -> Path | None:
    """Return the folder of sample data beside the project, or None where there is none."""
    folder = ROOT.parent / "shared"
    return folder if (folder / "data").is_dir() else None


def pytest_configure():
    """Save compiled modules as ``make`` does, for the workers and every process that a test starts."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(ROOT / ".cache" / "bytecode")
    sys.dont_write_bytecode = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Put slow tests first and browser tests last, and leave out what is not for the second database of ``make test``.

    What takes a minute and begins last keeps one process busy and the others waiting. The event loop of a browser
    stays in its process, beside which no test can run one of its own.
    """
    items.sort(key=lambda item: (is_marked(item, "browser"), not is_marked(item, "slow")))
    if os.environ.get("ONLY_DATABASE") != "1":
        return
    mute = [item for item in items if not says_something_new(item)]
    config.hook.pytest_deselected(items=mute)
    items[:] = [item for item in items if says_something_new(item)]


def is_marked(item: pytest.Item, name: str) -> bool:
    """Say whether a test, its class or its module has a marker."""
    return item.get_closest_marker(name) is not None


def says_something_new(item: pytest.Item) -> bool:
    """Say whether a test asks the database, itself or by processes that it starts, and is not enough on one of them."""
    fixtures = getattr(item, "fixturenames", ())
    markers = {mark.name for mark in item.iter_markers()}
    asks = {"db", "migrated", "transactional_db"} & set(fixtures) or "django_db" in markers
    return bool(asks) and "once" not in markers


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    """Give each test its own folder of uploads and prepared files."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.FILES_IN_S3 = settings.ANCHORS_IN_S3 = None
    settings.AUDIT_ANCHORS = tmp_path / "anchors" / "audit_anchors.jsonl"


@pytest.fixture(scope="session", autouse=True)
def uncollected_static_files(tmp_path_factory):
    """Name static files as they lie in the source, whether or not somebody ran ``collectstatic`` here."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = {**django_settings.STORAGES, "staticfiles": plain}
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static"), STORAGES=storages):
        yield


@pytest.fixture(autouse=True)
def fresh_cache():
    """Start with empty caches. Limits of tries are in the database, which starts empty by itself."""
    from django.core.cache import caches

    for name in set(django_settings.CACHES) - {"default"}:
        caches[name].clear()


@pytest.fixture(scope="session", autouse=True)
def plain_data_in_caches():
    """Keep in the memory of tests only what Redis would keep: plain data (scoreport.lib.cache_values)."""
    serializer = CacheSerializer()

    def plain(method):
        def kept(self, key, value, *more, **options):
            stored = serializer.dumps(value)
            value = serializer.loads(str(stored).encode() if isinstance(stored, int) else stored)
            return method(self, key, value, *more, **options)

        return kept

    with pytest.MonkeyPatch.context() as patch:
        for name in ("add", "set"):
            patch.setattr(LocMemCache, name, plain(getattr(LocMemCache, name)))
        yield


@pytest.fixture(autouse=True)
def own_language_and_time_zone():
    """Forget what the last request of a test chose for this thread: the next test may ask without one."""
    yield
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(autouse=True)
def no_staged_rows_left(request):
    """Drop the staging tables of a test that commits: emptying the models' tables afterwards knows nothing of them."""
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if not commits and not (marker and marker.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    for file_id in staging.present():
        staging.drop(file_id)


@pytest.fixture
def at():
    """Noon of 21 November 2026 in Alder, which is the present of the tests."""
    return worlds.AT


@pytest.fixture
def operator():
    """Whoever runs commands."""
    return worlds.OPERATOR


@pytest.fixture
def world(db):
    """Alder, Birch and their people."""
    return kept_world.build()


@pytest.fixture
def actor(world):
    """Return a person of the world as an actor: ``actor("amy")``."""
    return world.actor


class InspectingClient(Client):
    """A client that looks at the headers and the markup of everything that it gets."""

    def request(self, **request):
        """Ask, and inspect what comes."""
        response = super().request(**request)
        inspect(response)
        return response


@pytest.fixture
def anonymous(db, at):
    """Return a browser in which nobody has signed in."""
    return InspectingClient(**{AT_KEY: at})


@pytest.fixture
def client_for(world, at) -> Callable:
    """Return a browser in which a person of the world has signed in: ``client_for("amy")``."""

    def make(name: str, *, second_factor: bool = True, now=at) -> Client:
        client = InspectingClient(**{AT_KEY: now})
        client.force_login(get_user_model().objects.get(pk=world.people[name].id))
        if second_factor:
            give_second_factor(client, world.people[name].id, at=now)
        return client

    return make


def give_second_factor(client: Client, user_id: int, *, at=worlds.AT) -> Authenticator:
    """Make a session one in which the person's authenticator app was asked for, by the test's time and by the clock."""
    app, _new = Authenticator.objects.get_or_create(
        user_id=user_id, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "not used"}}
    )
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "at": when, "id": app.pk, "type": "totp"} for when in (at.timestamp(), time.time())
    ]
    session["account_authentication_methods_user"] = str(user_id)
    session.save()
    return app


@pytest.fixture
def run_tasks(db) -> Callable[..., int]:
    """Return a function that runs the background tasks that are due, one after the other, and says how many.

    Due by the time of the world, unless another is given: the queue's own clock would run what is meant for later.
    """

    def run(until=worlds.AT) -> int:
        done = 0
        due = Q(run_after=get_date_max()) | Q(run_after__lte=until)
        while task := DBTaskResult.objects.ready().filter(due).first():
            task.claim("tests")
            task.set_successful(task.task.call(*task.args_kwargs["args"], **task.args_kwargs["kwargs"]))
            done += 1
        return done

    return run


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Return a function that compares text with a file in tests/golden; ``make golden`` writes the file instead."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("UPDATE_GOLDEN") == "1":
            path.write_bytes(text.encode())
        assert path.read_bytes().decode() == text, f"{name} differs; run `make golden` and read the diff"

    return compare
