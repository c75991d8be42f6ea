"""Keep the message catalogues in step with the strings in the program.

Without an argument: collects every string for people from Python and Jinja2, brings each catalogue up to date (what is
new arrives without a translation, what is gone leaves) and compiles it. With ``--check``: changes nothing and fails
where a catalogue is out of date, incomplete, or carries a translation whose placeholders differ.

English is the source and needs no catalogue.
"""

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import TemplateSyntaxError

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "scoreport"
LOCALES = PACKAGE / "locale"
LANGUAGES = ("es",)
# Catalogues carry this date for ever: a date that moves would make every diff of them larger than what changed.
BEGUN = datetime(2026, 11, 21, tzinfo=UTC)
# More lines would scroll the first ones away.
SHOWN = 40
METHODS = [("**/migrations/**", "ignore"), ("**.py", "python"), ("web/templates/**.*", "jinja2")]
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def collect() -> Catalog:
    """Gather what the program says, each string once, with the files that say it."""
    found = Catalog(charset="utf-8")
    for name, _line, message, comments, context in extract_from_dir(
        PACKAGE, METHODS, {"**.*": {"silent": "false"}}, KEYWORDS, ("Translators:",), strip_comment_tags=True
    ):
        found.add(message, locations=[(f"scoreport/{name}", 0)], auto_comments=comments, context=context)
    return found


def read(language: str) -> Catalog:
    """Read a language's catalogue; a new language starts with an empty one."""
    path = po_path(language)
    if not path.exists():
        return Catalog(
            locale=language,
            header_comment="# Collected and compiled by `make fix`; translated by people.",
            project="Scoreport",
            version="1",
            msgid_bugs_address="see SECURITY.md and CONTRIBUTING.md",
            creation_date=BEGUN,
            revision_date=BEGUN,
            last_translator="Scoreport",
            language_team=language,
            charset="utf-8",
            fuzzy=False,
        )
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def po_path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def as_po(catalog: Catalog) -> bytes:
    """Write without line numbers and in a fixed order, so that a diff shows words and nothing else."""
    buffer = BytesIO()
    write_po(
        buffer, catalog, width=120, sort_output=True, include_lineno=False, omit_header=False, ignore_obsolete=True
    )
    return buffer.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    buffer = BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def problems(language: str, found: Catalog) -> list[str]:
    """List what a person has to mend in a catalogue."""
    catalog = read(language)
    before = po_path(language).read_bytes() if po_path(language).exists() else b""
    catalog.update(found, no_fuzzy_matching=True, update_creation_date=False)
    lines = []
    if as_po(catalog) != before:
        lines.append(f"{language}: the strings in the program changed; run `make fix`, then translate.")
    compiled = po_path(language).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != as_mo(catalog):
        lines.append(f"{language}: the compiled catalogue is not that of the text; run `make fix`.")
    lines += [f"{language}: not translated: {message.id!r}" for message in catalog if message.id and not done(message)]
    lines += [f"{language}: {error}: {message.id!r}" for message, errors in catalog.check() for error in errors]
    return lines


def done(message: object) -> bool:
    """Tell whether a message is translated, in every plural form, and not merely guessed."""
    string = getattr(message, "string", "")
    forms = string if isinstance(string, tuple | list) else (string,)
    return all(forms) and not getattr(message, "fuzzy", False)


def update(language: str, found: Catalog) -> None:
    """Bring a language's catalogue up to date, and compile it."""
    catalog = read(language)
    catalog.update(found, no_fuzzy_matching=True, update_creation_date=False)
    path = po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_po(catalog))
    path.with_suffix(".mo").write_bytes(as_mo(catalog))
    missing = sum(1 for message in catalog if message.id and not done(message))
    print(f"{language}: {len(catalog)} strings, {missing} without a translation.")


def main() -> int:
    try:
        found = collect()
    except TemplateSyntaxError as error:
        print(f"A template does not parse: {error}; python tools/templates.py names it.", file=sys.stderr)
        return 1
    if "--check" not in sys.argv[1:]:
        for language in LANGUAGES:
            update(language, found)
        return 0
    lines = [line for language in LANGUAGES for line in problems(language, found)]
    for line in lines[:SHOWN]:
        print(line, file=sys.stderr)
    if len(lines) > SHOWN:
        print(f"… and {len(lines) - SHOWN} more.", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
