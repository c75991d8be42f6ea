"""Words that must not be committed, and synonyms that would blur the glossary."""

import re
from pathlib import Path

import pytest

from tests.repo.source import PACKAGE, ROOT, files, name_of

# Put together here, so that this file does not contain what it looks for.
HOSTS = ["pypi" + ".org", "python" + "hosted.org", "registry." + "npmjs", "deb." + "debian.org"]
PLACES = ["/" + "root/", "/" + "work/main", "/" + "work/shared", "/" + "work/steering", "bash" + "_jobs"]
FORBIDDEN = re.compile("|".join(map(re.escape, HOSTS + PLACES)))
# What people here call a student and a voucher; the glossary says why (and so may name the others).
SYNONYMS = re.compile(r"\b(pupil|coupon)s?\b", re.IGNORECASE)
GLOSSARY = ROOT / "docs" / "glossary.md"
BINARY = {".png", ".jpg", ".ico", ".mo", ".woff2", ".xlsx", ".zip", ".pdf", ".parquet"}


def matches(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    texts = ((path, path.read_text(encoding="utf-8", errors="replace")) for path in paths if path.suffix not in BINARY)
    return [f"{name_of(path)}: {found[0]}" for path, text in texts if (found := pattern.search(text))]


def test_no_file_names_a_registrys_host_or_a_path_of_one_machine():
    assert matches(FORBIDDEN, list(files())) == []


def test_no_synonym_of_the_glossarys_words():
    folders = (PACKAGE, ROOT / "docs")
    paths = [p for p in files() if any(p.is_relative_to(f) for f in folders) and p != GLOSSARY]
    assert matches(SYNONYMS, paths) == []


@pytest.mark.parametrize("text", ["each pupil", "Coupons are handed out"])
def test_a_synonym_would_be_found(text):
    assert SYNONYMS.search(text)
    assert not SYNONYMS.search("a student with a voucher looks at her pupillary reflex")
