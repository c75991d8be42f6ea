"""The scripts in tools/ find what they are there to find."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping

import pytest
from babel.messages.catalog import Catalog

from tests.repo.source import PACKAGE, ROOT
from tools import audit, messages, reference, templates


def test_layout_of_tags_is_mended_and_comments_are_left_alone():
    text = "{# {{x}} #}\n\n\n{{x}}  \n{%- if a  %}\n{% endif -%}"
    assert templates.tidy(text) == "{# {{x}} #}\n\n{{ x }}\n{%- if a %}\n{% endif -%}\n"


def test_an_end_that_stands_elsewhere_is_found():
    good = "{% if a %}\n  {% for b in c %}x{% endfor %}\n{% else %}\n{% set d %}y{% endset %}\n{% endif %}\n"
    assert list(templates.crooked(good)) == []
    assert list(templates.crooked("{% if a %}\n  {% else %}\n{% endif %}")) == ["2: else is not under its if"]
    assert list(templates.crooked("  {% call f() %}\n{% endcall %}")) == ["2: endcall is not under its call"]


def test_a_template_that_does_not_parse_is_found(tmp_path):
    path = tmp_path / "broken.html"
    path.write_text("{% if a %}\n", encoding="utf-8")
    assert templates.problems(path)[0].startswith("1: ")


def test_strings_are_collected_from_python_and_from_templates():
    found = {place for message in messages.collect() for place, _ in message.locations}
    assert {place.rsplit(".", 1)[1] for place in found} >= {"py", "html"}
    assert "scoreport/settings.py" in found


def test_a_guess_or_a_missing_plural_is_not_a_translation():
    catalog = Catalog(locale="es")
    assert not messages.done(catalog.add(("%(n)s row", "%(n)s rows"), ("%(n)s fila", "")))
    assert not messages.done(catalog.add("Sign in", "Entrar", flags=["fuzzy"]))
    assert messages.done(catalog.add("Sign out", "Salir"))


def test_catalogues_speak_the_languages_of_the_settings(settings):
    assert {code for code, _ in settings.LANGUAGES} == {settings.LANGUAGE_CODE, *messages.LANGUAGES}
    assert messages.LOCALES == PACKAGE / "locale"


def test_a_setting_is_read_with_its_section_and_its_explanation():
    text = "# The file.\n\n# --- Mail ---\n\n# Where mails go.\n# And how.\nEMAIL_PORT=587\n"
    assert list(reference.settings_of(text)) == [("Mail", "EMAIL_PORT", "587", "Where mails go. And how.")]


def audited(*packages: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


CLEAN = {"name": "jinja2", "version": "3.1.6", "vulns": []}
WEAK = {"name": "django", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "brotli", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        (audited(CLEAN), 0, ""),
        (audited(CLEAN, WEAK, UNKNOWN), 1, "django 1.0: PYSEC-1 (mended in 1.1)"),
        (audited(CLEAN, UNKNOWN), 0, "Of 1 of 2 pinned packages nothing is known."),
        (audited(UNKNOWN), 0, "No vulnerability data reachable; skipped."),
        (None, 0, "No vulnerability data reachable; skipped."),
    ],
    ids=["clean", "weak", "half known", "nothing known", "unreachable"],
)
def test_a_known_weakness_fails_and_a_service_that_is_down_says_so(capsys, found, code, said):
    assert audit.main(lambda: found) == code
    shown = capsys.readouterr()
    assert said in shown.out + shown.err


def test_only_a_network_that_is_down_counts_as_unreachable():
    assert audit.is_unreachable("requests.exceptions.ConnectionError: Max retries exceeded with url: /pypi/django")
    assert not audit.is_unreachable("error: Invalid requirement on line 3")


def test_the_bench_starts():
    """It makes its files before there is a database, so nothing that it loads first may need Django's settings."""
    own = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "bench", "--help"]
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stderr[-2000:]
