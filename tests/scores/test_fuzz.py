"""Two thousand files that nobody should send: each is checked or refused in words, whole or not at all."""

import re
import time

import pytest
from django.db import transaction

from scoreport.imports import staging
from scoreport.imports.models import ImportFile, RejectedRow
from scoreport.imports.rules import FileState
from scoreport.scores.models import ClepAssertion, ClepResult
from tests.scores.files import COLUMNS, accept, check, row, text
from tests.scores.mutations import mutated
from tests.scores.verified import verified

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

BATCHES, EACH = 20, 100
SECONDS = 5
SHOWN = 201
SENTENCE = re.compile(r"\S.*[.?]", re.DOTALL)
PLACE = re.compile(r"Line \d+")


def examine(content: bytes) -> str:
    """Check a file and everything that has to be true of the answer; return the state it ended in."""
    began = time.monotonic()
    file = check(content)
    assert time.monotonic() - began < SECONDS
    assert not ClepResult.objects.exists(), "a check stores nothing"
    if file.state == FileState.FAILED:
        assert SENTENCE.fullmatch(file.reason), file.reason
        assert PLACE.search(file.reason) or any(cause["repair"] for cause in file.causes), file.reason
        assert file.pk not in staging.present(), "a file that cannot be read leaves nothing"
        assert not RejectedRow.objects.filter(file=file).exists(), "a file that cannot be read leaves nothing"
        return file.state
    assert file.state == FileState.CHECKED
    lines = content.count(b"\n") + content.count(b"\r") + 1
    refused = RejectedRow.objects.filter(file=file)
    for cell in refused:
        assert 2 <= cell.line <= lines
        assert cell.column in {"", *COLUMNS}
        assert SENTENCE.fullmatch(cell.reason), cell.reason
        assert len(cell.value) <= SHOWN
    assert file.rows_new + file.rows_refused == file.rows_total
    assert refused.values("line").distinct().count() == file.rows_refused
    return file.state


def examine_some(numbers) -> set[str]:
    """Check some files, each where none was before; return the states they ended in."""
    states = set()
    for number in numbers:
        with transaction.atomic():
            states.add(examine(mutated(number)))
            transaction.set_rollback(True)
    return states


def examine_acceptance(content: bytes) -> None:
    """Accept a file: all of what was counted is stored, all of it is sound, and then nothing of it is left."""
    with transaction.atomic():
        file = check(content)
        if file.state == FileState.CHECKED:
            accept(file)
            assert ClepResult.objects.count() == ClepAssertion.objects.count() == file.rows_new
            found = verified()
            assert [finding for finding in found if finding.deviations] == []
        transaction.set_rollback(True)


@pytest.mark.slow
# All of them on one database, each fourth batch on a second one.
@pytest.mark.parametrize("batch", [pytest.param(n, marks=[pytest.mark.once] if n % 4 else []) for n in range(BATCHES)])
def test_every_file_is_checked_or_refused_in_words(batch):
    states = examine_some(range(batch * EACH, (batch + 1) * EACH))
    assert states == {FileState.CHECKED, FileState.FAILED}, "the files are of both kinds"


@pytest.mark.slow
@pytest.mark.parametrize("number", range(0, BATCHES * EACH, 25))
def test_what_is_accepted_is_sound(number):
    examine_acceptance(mutated(number))


@pytest.mark.parametrize("size", [10_000_000, 1_000_000])
@pytest.mark.parametrize("quote", ["", '"'], ids=["bare", "quoted"])
def test_a_huge_cell_is_refused_at_once(size, quote):
    content = text(row("T1"), row("T2")).replace(b"Ana", f"{quote}{'x' * size}{quote}".encode(), 1)
    assert examine(content) == FileState.FAILED
    assert "Line 2" in ImportFile.objects.latest("pk").reason


def test_a_quote_that_is_never_closed_does_not_swallow_the_file():
    content = text(*(row(f"T{n}") for n in range(20_000))).replace(b"Ana", b'"Ana', 1)
    assert examine(content) == FileState.FAILED


def test_a_file_that_breaks_late_leaves_no_list_behind():
    bad = text(*(row(f"T{n}", score="99") for n in range(10_500)))
    assert examine(bad + b"\0") == FileState.FAILED


def test_ten_thousand_columns_are_no_problem():
    wide = b",".join(f"c{n}".encode() for n in range(10_000))
    assert examine(wide + b"\n" + wide + b"\n") == FileState.FAILED
    named = text(row("T1")).split(b"\n")
    content = named[0] + b"," + wide + b"\n" + named[1] + b"," + wide + b"\n"
    assert examine(content) == FileState.CHECKED


def test_the_files_are_what_they_claim_to_be():
    """The same number is the same file, and the numbers differ."""
    files = {mutated(number) for number in range(300)}
    assert mutated(7) == mutated(7)
    assert len(files) > 200


def test_an_exception_would_be_noticed(monkeypatch):
    """A negative control: a check that breaks on some cells is found within few files."""
    from scoreport.scores.intake.clep import ClepChecker

    sound = ClepChecker.check

    def broken(self, line, cells, problems):
        if any("=1+1" in cell for cell in cells):
            raise RuntimeError
        return sound(self, line, cells, problems)

    monkeypatch.setattr(ClepChecker, "check", broken)
    with pytest.raises(RuntimeError):
        examine_some(number for number in range(BATCHES * EACH) if b"=1+1" in mutated(number))


def test_what_is_left_over_would_be_noticed(monkeypatch):
    """A negative control: a check that stores before it is through is found at once."""
    monkeypatch.setattr(staging, "drop", lambda _file_id: None)
    with pytest.raises(AssertionError, match="leaves nothing"):
        examine(text(row("T1")) + b"\0")
