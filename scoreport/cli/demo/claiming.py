"""Scores that are missing in Alder's report: one claim confirmed, one declined, one open, one score not sought yet."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

from scoreport.cli.demo.places import ALDER
from scoreport.cli.demo.stage import Scene, Stage
from scoreport.cli.demo.testing import Test
from scoreport.organizations.queries import find
from scoreport.scores import actions
from scoreport.scores.actions import Claimed
from scoreport.scores.search import SearchCriteria

_HOUR: Final = dt.timedelta(hours=1)
_MINUTE: Final = dt.timedelta(minutes=1)
_REASONS: Final = (
    "She left the school code empty and has been with us since 9th grade.",
    "He gave the code of his former school.",
    "One digit of our code was mistyped.",
)
_DECLINED: Final = "Birch High School has this student on its roll too. Please compare the birth date and write to us."


def scenes(stage: Stage, lost: Sequence[Test], known: dt.datetime) -> Iterator[Scene]:
    """Yield claims of lost tests and what was decided; ``known`` is when the file with them was accepted."""
    claims: dict[int, int] = {}

    def claim(number: int) -> None:
        def play(at: dt.datetime) -> None:
            claims[number] = _claim(stage, lost[number], _REASONS[number], at)

        moment = max(stage.ago(12 - number), known + _HOUR + number * 10 * _MINUTE)
        found.append(Scene(moment, play))

    def confirm(at: dt.datetime) -> None:
        actions.confirm_claim(stage.actor("program-staff", at), number=claims[0], at=at)

    def decline(at: dt.datetime) -> None:
        actions.decline_claim(stage.actor("program-staff", at), number=claims[1], sentence=_DECLINED, at=at)

    found: list[Scene] = []
    for number in range(min(len(lost), len(_REASONS))):
        claim(number)
    found.append(Scene(max(stage.ago(9), known + 2 * _HOUR), confirm))
    found.append(Scene(max(stage.ago(8), known + 2 * _HOUR + _MINUTE), decline))
    yield from found


def _claim(stage: Stage, test: Test, reason: str, at: dt.datetime) -> int:
    counselor, school = stage.actor("counselor", at), find(ALDER)
    answer = actions.search(counselor, organization=school, criteria=SearchCriteria(ticket=test.ticket), at=at)
    claimed = Claimed(test.first, test.last, test.born, reason)
    return actions.claim_test(counselor, organization=school, key=answer.findings[0].key, claimed=claimed, at=at)
