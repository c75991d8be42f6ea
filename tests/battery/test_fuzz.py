"""The large run over files that nobody should send reports each deviation."""

import pytest

from tests.battery.fuzz import Examination

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_sound_files_leave_nothing_to_report(tmp_path):
    found = Examination(tmp_path).of(range(4))
    assert found["wrong"] == []
    assert sum(found["states"].values()) == 4
    assert (found["accepted"], found["sent"]) == (1, 1)


def test_a_file_that_is_not_handled_as_it_should_be_is_reported(tmp_path, monkeypatch):
    def broken(content: bytes) -> str:
        raise AssertionError(content)

    monkeypatch.setattr("tests.scores.test_fuzz.examine", broken)
    found = Examination(tmp_path).of(range(1, 4))
    assert [number for number, _what in found["wrong"]] == [1, 2, 3]
