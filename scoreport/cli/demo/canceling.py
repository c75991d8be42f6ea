"""A canceled score: program staff withdraw one of Alder's while the test center looks into it."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from scoreport.cli.demo.stage import Scene, Stage
from scoreport.cli.demo.testing import Test
from scoreport.scores import actions
from scoreport.scores.actions import UnknownTicket

_REASON: Final = "The test center reported an irregularity. Under investigation."
_OLD_ENOUGH: Final = dt.timedelta(days=30)
_TRIED: Final = 20


def scenes(stage: Stage, tests: Sequence[Test], ai_code: str, known: dt.datetime) -> Iterator[Scene]:
    """Yield the withdrawal of a school's newest score on file; ``known`` is when the first scores are."""
    mine = [test for test in tests if test.ai_code == ai_code and test.score is not None]
    old = [test for test in mine if test.tested <= stage.today - _OLD_ENOUGH and not test.exam.waits_for_readers]
    newest = sorted(old, key=lambda test: (test.tested, test.ticket), reverse=True)[:_TRIED]

    def play(at: dt.datetime) -> None:
        staff = stage.actor("program-staff", at)
        for test in newest:
            with suppress(UnknownTicket):
                actions.look_up_ticket(staff, program="clep", ticket=test.ticket, at=at)
                actions.withdraw_score(staff, program="clep", ticket=test.ticket, reason=_REASON, at=at)
                return

    yield Scene(max(stage.ago(5), known + dt.timedelta(hours=3)), play)
