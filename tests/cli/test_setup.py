"""``scoreport setup``: everything a page needs is there afterwards, and a second time changes nothing."""

from dataclasses import replace

import pytest

from scoreport import settings as product
from scoreport.programs import catalog
from scoreport.reports.rules import definition_of, registry
from scoreport.web import assets, static_files

# What it does to a database is done by migrations, which have tests of their own.
pytestmark = pytest.mark.once


@pytest.fixture
def folders(settings, tmp_path):
    settings.STORAGES = product.STORAGES
    settings.DATA_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.BUILT_ASSETS_DIR = tmp_path / "assets"
    settings.BUILT_ASSETS_DIR.mkdir()
    settings.STATICFILES_DIRS = [settings.STATICFILES_DIRS[0], settings.BUILT_ASSETS_DIR]
    return tmp_path


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
@pytest.mark.django_db
def test_setup_makes_what_pages_need_and_again_makes_the_same(scoreport, folders):
    said = scoreport("setup")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Scoreport is set up.")
    made = files(folders)
    names = {str(path) for path in made}
    assert {"assets/fonts/public-sans.woff2", "static/staticfiles.json"} <= names
    assert any(name.startswith("static/css/tokens.") for name in names)
    times = {path: path.stat().st_mtime_ns for path in folders.rglob("*")}
    assert scoreport("setup").code == 0
    assert files(folders) == made
    assert {path: path.stat().st_mtime_ns for path in folders.rglob("*")} == times


@pytest.mark.parametrize(
    ("change", "is_made_again"),
    [
        (lambda _folders, _patch: None, False),
        (lambda folders, _patch: (folders / "static" / "a.1.css").unlink(), True),
        (lambda folders, _patch: (folders / "static" / "a.css").unlink(), True),
        (lambda folders, _patch: (folders / "assets" / assets.FONT).unlink(), True),
        (lambda folders, _patch: (folders / "static" / "staticfiles.json").write_text("[]"), True),
        (lambda _folders, patch: patch.setattr(static_files, "version", lambda _name: "0"), True),
        (lambda _folders, patch: patch.setattr(assets, "__file__", __file__), True),
    ],
)
def test_static_files_are_made_again_when_one_is_gone_or_made_from_something_else(
    folders, monkeypatch, change, is_made_again
):
    def build(target):
        for name in (assets.FONT, assets.STYLESHEET):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).touch()

    def collect(*_args, **_options):
        (folders / "static").mkdir(exist_ok=True)
        for name in ("a.css", "a.1.css"):
            (folders / "static" / name).touch()
        (folders / "static" / "staticfiles.json").write_text('{"paths": {"a.css": "a.1.css"}}')

    monkeypatch.setattr(assets, "build", build)
    monkeypatch.setattr(static_files, "call_command", collect)
    assert static_files.bring_up_to_date()
    change(folders, monkeypatch)
    assert static_files.bring_up_to_date() is is_made_again
    assert not static_files.bring_up_to_date()


@pytest.mark.django_db
def test_setup_closes_what_other_accounts_could_read(scoreport, folders, monkeypatch):
    monkeypatch.setattr("scoreport.cli.management.commands.setup.static_files.bring_up_to_date", lambda: False)
    monkeypatch.setattr("scoreport.cli.management.commands.setup.call_command", lambda *_args, **_options: None)
    secret = folders / "secret_key"
    secret.touch()
    secret.chmod(0o644)
    folders.chmod(0o755)
    assert "could read until now: " in scoreport("setup").err
    assert [path.stat().st_mode & 0o077 for path in (secret, folders)] == [0, 0]
    assert scoreport("setup").err == ""


@pytest.mark.django_db
def test_an_unsound_catalogue_stops_it(scoreport, monkeypatch, folders):
    monkeypatch.setattr(
        "scoreport.cli.management.commands.setup.catalogue_problems", lambda: ["CLEP: the code 47 is there twice."]
    )
    said = scoreport("setup")
    assert (said.code, said.out, said.err) == (1, "", "CLEP: the code 47 is there twice.\n")
    assert catalog.catalogue_problems() == []


@pytest.mark.django_db
def test_a_report_that_shows_what_results_do_not_have_stops_it(scoreport, monkeypatch, folders):
    unsound = replace(definition_of("clep"), exam="shoe_size")
    monkeypatch.setitem(registry.DEFINITIONS, "clep", unsound)
    said = scoreport("setup")
    assert (said.code, said.out, said.err) == (1, "", "CLEP: its report has no column “shoe_size”.\n")
