"""What a process creates is for its own account alone, whatever the umask; what was open is found and closed."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from scoreport.lib.key_files import kept_secret
from scoreport.lib.private import (
    close_all_to_others,
    close_to_others,
    files_of_sqlite,
    open_to_others,
    private_folder,
)
from tests.repo.source import ROOT


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_a_folder_is_private_whatever_the_umask(tmp_path, umask):
    tmp_path.chmod(0o700)
    made = private_folder(tmp_path / "a" / "b")
    assert [mode(made), mode(made.parent)] == [0o700, 0o700]


def test_a_folder_that_is_there_stays_as_it_is(tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    there.chmod(0o755)
    private_folder(there)
    assert mode(there) == 0o755
    assert list(open_to_others([there])) == [there]


def test_a_drawn_secret_is_private_whatever_the_umask(tmp_path, umask):
    path = tmp_path / "secret"
    kept_secret(path)
    assert mode(path) == 0o600


def test_what_is_open_is_found_and_closed(tmp_path):
    tmp_path.chmod(0o700)
    database = tmp_path / "scores.sqlite3"
    for path, bits in ((database, 0o644), (tmp_path / "scores.sqlite3-wal", 0o640), (tmp_path / "mine", 0o600)):
        path.touch()
        path.chmod(bits)
    (tmp_path / "link").symlink_to("/etc/hostname")
    assert list(open_to_others(files_of_sqlite(str(database)))) == files_of_sqlite(str(database))
    assert close_all_to_others(tmp_path) == 2
    assert [mode(path) for path in files_of_sqlite(str(database))] == [0o600, 0o600]
    assert close_all_to_others(tmp_path) == 0
    assert not close_to_others(tmp_path / "nothing")
    assert files_of_sqlite(":memory:") == files_of_sqlite("file:memory?mode=memory") == []


INSTALL = """
import os
os.umask(0)
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "scoreport.settings"
django.setup()
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE one (two integer)")
    default_storage.save("a/b.csv", ContentFile(b"scores"))
    (settings.DATA_DIR / "anything").touch()
    import sys
    sys.stdout.write(str(settings.DATA_DIR))
    sys.stdout.flush()
    sys.stdin.read()
"""


@pytest.mark.slow
def test_an_installation_is_private_whatever_the_umask(tmp_path):
    """The data folder, the database with its log, received files and the key, made by a real process."""
    tmp_path.chmod(0o755)
    own = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "SECRET_KEY"}}
    own["SCOREPORT_DATA_DIR"] = str(tmp_path / "data" / "here")
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", INSTALL], cwd=ROOT, env=own, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        folder = Path(process.stdout.read(len(own["SCOREPORT_DATA_DIR"])).decode())
        made = [tmp_path / "data", folder, *folder.rglob("*")]
        names = {path.name for path in made}
        assert list(open_to_others(made)) == []
        process.communicate(b"")
    assert {"scoreport.sqlite3", "scoreport.sqlite3-wal", "scoreport.sqlite3-shm", "secret_key", "b.csv"} <= names
    assert process.returncode == 0
