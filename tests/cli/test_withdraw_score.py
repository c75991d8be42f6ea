"""``scoreport withdraw-score`` and ``scoreport restore-score``."""

import pytest

from scoreport.scores.models import ClepResult
from tests.scores.files import load, row

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("world")]


def test_a_score_is_withdrawn_and_restored(scoreport):
    load(row("T1"))
    about = ("--program", "clep", "--ticket", "t-1")
    said = scoreport("withdraw-score", *about, "--reason", "Under review.")
    assert (said.code, said.out) == (
        0,
        "The score of ticket t-1 is withdrawn. Reports show the test as canceled.\n",
    )
    assert ClepResult.objects.get().canceled_on is not None
    said = scoreport("withdraw-score", *about, "--reason", "Again.")
    assert (said.code, said.err) == (1, "The score of this ticket is already withdrawn.\n")
    said = scoreport("restore-score", *about, "--reason", "It counts.")
    assert "The withdrawal of ticket t-1 ended." in said.out
    assert ClepResult.objects.get().canceled_on is None


@pytest.mark.parametrize("command", ["withdraw-score", "restore-score"])
def test_an_unknown_ticket_and_a_missing_reason_are_refused(scoreport, command):
    about = (command, "--program", "clep", "--ticket", "T9")
    said = scoreport(*about, "--reason", "Under review.")
    assert (said.code, said.err) == (1, "There is no test with the registration ticket “T9”.\n")
    assert "--reason" in scoreport(*about).err
