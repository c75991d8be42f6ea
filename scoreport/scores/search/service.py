"""What may be said of a test to the person who looks for it.

A registration ticket or a voucher code names one test and cannot be guessed, so its holder is told where the test is;
only a school that they reach is named. A voucher code that several people have, as far as the asker may know, lists
none of them; and a test of another school is not claimed by a voucher code alone. A name and a birth date can be
guessed: they find tests of the asker's own report, and tests that belong to no school, and nothing of any other
school (decision 28).

Nobody but program staff learns whether a score has arrived before it is released: until then a test of the asker's
report is "score pending" whatever has arrived, and a test of no report of theirs is not found at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.db.models import Q

from scoreport import access
from scoreport.access import Actor, Permission, PlaceKind
from scoreport.imports.rules import FileState
from scoreport.lib.clock import local_date
from scoreport.organizations.queries import infos, resolver, schools_under
from scoreport.organizations.rules import NO_SCHOOL_CODES, OrganizationInfo
from scoreport.people.candidates import asked_about
from scoreport.people.queries import public_ids
from scoreport.people.rules import Likeness, Reason
from scoreport.programs.catalog import program as program_of
from scoreport.scores import school_resolution
from scoreport.scores.models import AttributionRequest
from scoreport.scores.rules import FOUND_ORDER, ClaimState, Found, Why, is_close_code
from scoreport.scores.search import sources
from scoreport.scores.search.criteria import Answer, By, Finding, SearchCriteria, ShownTest
from scoreport.scores.search.holders import are_several, meant
from scoreport.scores.search.sources import Test
from scoreport.scores.search.tokens import key_of

# Questions that keep a test of the report away from the student whom one looks for.
_ASKED = {Reason.BIRTH_DATE_CLOSE: Why.BIRTH_DATE_CLOSE, Reason.TICKET_OTHER_PERSON: Why.OTHER_PERSON}

_ON_FILE = frozenset({FileState.ACCEPTED, FileState.UNDOING})


def find(actor: Actor, *, organization: OrganizationInfo | None, criteria: SearchCriteria, at: datetime) -> Answer:
    """Return what the asker may know, what explains most first. The caller asks whether they may look at all."""
    if criteria.is_no_code:
        return Answer(criteria.by, (), empty=Found.NO_CODE)
    asker = Asker(actor, organization, criteria, at)
    tests = meant(criteria, list(asker.tests()))
    if criteria.by is not By.NAME and are_several(tests):
        return Answer(criteria.by, (), empty=Found.SEVERAL)
    found = [(test, finding) for test in tests for finding in asker.findings_of(test)]
    findings = sorted((one for _test, one in found), key=lambda one: (not one.is_certain, FOUND_ORDER.index(one.state)))
    shown = {ShownTest(test.program, test.ticket, test.school_id, test.student_id) for test, _finding in found}
    return Answer(criteria.by, tuple(findings), tuple(sorted(shown, key=lambda one: one.ticket)))


@dataclass(frozen=True)
class Asker:
    """Whoever looks for a score, and for whom."""

    actor: Actor
    organization: OrganizationInfo | None
    criteria: SearchCriteria
    at: datetime

    @cached_property
    def schools(self) -> dict[int, str]:
        """The schools whose report it may be missing in, with their AI codes."""
        if self.organization is None:
            return {ref.school_id: code for code, ref in resolver().items()}
        under = schools_under(self.organization.place)
        return {one.id: one.ai_code for one in (*under, self.organization)}

    @cached_property
    def is_staff(self) -> bool:
        """Whether the asker handles files, and so may know what has arrived."""
        return access.can(self.actor, Permission.SCORES_CLAIM_DECIDE)

    def tests(self) -> Iterator[Test]:
        """Yield each test that is found and that the asker may know of, with the school that it belongs to."""
        places = school_resolution.schools()
        on_file = Q(released_at__lte=self.at) | Q(canceled_on__isnull=False)
        known = Q() if self.is_staff else on_file | Q(school_id__in=list(self.schools))
        yield from [test for test in sources.scores(self.criteria, self.schools, known) if self._is_known(test)]
        staged = sources.staged(self.criteria) if self.is_staff else ()
        for test in (*staged, *sources.refused(self.criteria, hides=self._hides, is_known=self._is_known)):
            place = places.of(test.program, test.ticket, test.ai_code)
            yield replace(test, school_id=place.school_id if place else None)

    def _is_known(self, test: Test) -> bool:
        """Whether the asker may know that a test is on file: released or canceled, or in their own report."""
        is_released = test.released_at is not None and test.released_at <= self.at
        is_canceled = test.canceled_on is not None
        return self.is_staff or is_released or is_canceled or test.school_id in self.schools

    def _hides(self, test: Test, state: FileState) -> bool:
        """Whether a refused row is not to be shown yet: its score is not due, or its file is not accepted."""
        if self.is_staff:
            return False
        if state not in _ON_FILE:
            return True
        program = program_of(test.program)
        exam = program.exam_by_code(test.exam_code)
        if exam is None or test.tested_on is None:
            return False
        return local_date(self.at, settings.TIME_ZONE) <= program.release.expected_between(exam, test.tested_on)[1]

    def findings_of(self, test: Test) -> Iterator[Finding]:
        """Yield what the asker may know of a test: one finding, or nothing."""
        is_mine = test.school_id in self.schools
        # By name, nothing is told of other schools, and nothing uncertain of tests that belong to none.
        if not is_mine and self.criteria.by is By.NAME:
            if test.school_id is not None and not self._reaches(test.school_id):
                return
            if not test.is_exact:
                return
        exam = program_of(test.program).exam_by_code(test.exam_code)
        finding = Finding(
            state=Found.NEVER,
            why=Why.NOTHING,
            is_certain=test.is_exact,
            exam=exam.title if exam else "",
            tested_on=test.tested_on,
            program=test.program,
            has_other_spelling=self._is_spelled_otherwise(test),
        )
        if test.refused_at is not None:
            problems = sources.reasons(test.refused_at)
            yield replace(finding, state=Found.REFUSED, why=Why.ROW_REFUSED, problems=problems)
        elif test.is_staged:
            why = Why.NOTHING if is_mine else self._gap(test)
            yield replace(finding, state=Found.IN_FILE, why=why)
        elif is_mine:
            yield self._mine(test, finding)
        else:
            yield self._elsewhere(test, finding)

    def _mine(self, test: Test, finding: Finding) -> Finding:
        """Say where a test of the asker's own report stands; its name is theirs to see where they open rosters."""
        place = infos([test.school_id])[test.school_id].place if test.school_id is not None else None
        if access.can(self.actor, Permission.SCORES_ROSTER_READ, place):
            name = f"{test.last_name}, {test.first_name}" if test.first_name else test.last_name
            called = public_ids([test.student_id]).get(test.student_id, "")
            finding = replace(finding, name=name, student=called, year=test.year)
        if test.school_id is not None and (self.organization is None or self.organization.id != test.school_id):
            finding = replace(finding, school=infos([test.school_id])[test.school_id].name)
        if test.canceled_on is not None:
            return replace(finding, state=Found.CANCELED, why=self._spelling(test), day=test.canceled_on)
        if test.released_at is None or (test.released_at > self.at and not self.is_staff):
            return self._waiting(test, finding)
        day = local_date(test.released_at, self._zone(test))
        if test.released_at > self.at:
            return replace(finding, state=Found.RELEASED_ON, why=self._spelling(test), day=day)
        asked = asked_about(test.record_id, _ASKED)
        if asked:
            return replace(finding, state=Found.QUESTION, why=_ASKED[asked[0]], day=day)
        return replace(finding, state=Found.RELEASED, why=self._spelling(test), day=day)

    def _waiting(self, test: Test, finding: Finding) -> Finding:
        """Say by when a score is expected. All that follows from the test itself, never from what has arrived."""
        finding = replace(finding, state=Found.WAITING if self.is_staff else Found.PENDING)
        program = program_of(test.program)
        exam = program.exam_by_code(test.exam_code)
        if exam is None or test.tested_on is None:
            return finding
        today = local_date(self.at, self._zone(test))
        until = program.release.expected_between(exam, test.tested_on)[1]
        is_overdue = program.release.is_overdue(exam, test.tested_on, None, today)
        return replace(finding, why=Why.LATE if is_overdue else self._spelling(test), day=until)

    def _elsewhere(self, test: Test, finding: Finding) -> Finding:
        """Say that a test belongs to no school, or to another one; who may claim it gets its key."""
        if self._may_claim and test.is_exact and self.organization is not None:
            finding = replace(finding, claimed=self._claimed(test))
            if test.school_id is not None and self.criteria.by is By.VOUCHER and not self._is_named(test):
                finding = replace(finding, needs_more=True)
            else:
                key = key_of(
                    self.actor, self.organization, self.criteria, program=test.program, ticket=test.ticket, at=self.at
                )
                finding = replace(finding, key=key)
        if test.school_id is None:
            return replace(finding, state=Found.UNATTRIBUTED, why=self._gap(test))
        school = infos([test.school_id])[test.school_id].name if self._reaches(test.school_id) else ""
        return replace(finding, state=Found.OTHER_SCHOOL, why=self._gap(test), school=school)

    def _is_named(self, test: Test) -> bool:
        """Whether the name and birth date that were typed are the test taker's; a slip is not enough here."""
        if test.birth_date is None or test.birth_date != self.criteria.birth_date:
            return False
        return self.criteria.likeness_of(test.first_name, test.last_name, test.birth_date) is Likeness.SAME

    @cached_property
    def _may_claim(self) -> bool:
        """Whether the asker may claim a test for this organization: one that tests belong to."""
        one = self.organization
        return (
            one is not None
            and one.kind in {PlaceKind.SCHOOL, PlaceKind.OTHER}
            and self.actor.person_id is not None
            and access.can(self.actor, Permission.SCORES_CLAIM, one.place)
        )

    def _claimed(self, test: Test) -> ClaimState | None:
        """Return what became of the newest claim of the asker's school."""
        mine = AttributionRequest.objects.filter(program=test.program, ticket=test.ticket, school_id__in=self.schools)
        state = mine.order_by("-pk").values_list("state", flat=True).first()
        return None if state is None else ClaimState(state)

    def _reaches(self, school_id: int) -> bool:
        """Whether the asker may know which school it is."""
        if self.is_staff:
            return True
        place = infos([school_id])[school_id].place
        return access.can(self.actor, Permission.SCORES_ROSTER_READ, place)

    def _gap(self, test: Test) -> Why:
        """Say why a test does not belong to the asker's school."""
        if not test.ai_code:
            return Why.BLANK
        if test.ai_code in NO_SCHOOL_CODES:
            return Why.NO_SCHOOL_CODE
        if self.organization and any(is_close_code(test.ai_code, code) for code in self.schools.values() if code):
            return Why.CLOSE_CODE
        return Why.UNKNOWN_CODE if test.school_id is None else Why.OTHER_CODE

    def _spelling(self, test: Test) -> Why:
        """Say how the name or birth date on file differs from what was typed."""
        if self.criteria.by is not By.NAME:
            return Why.NOTHING
        if test.birth_date != self.criteria.birth_date:
            return Why.BIRTH_DATE_CLOSE
        if test.like is Likeness.SWAPPED:
            return Why.NAMES_SWAPPED
        if test.like is Likeness.NEAR:
            return Why.NAME_CLOSE
        return Why.OTHER_SPELLING if self._is_spelled_otherwise(test) else Why.NOTHING

    def _is_spelled_otherwise(self, test: Test) -> bool:
        return self.criteria.by is By.NAME and not self.criteria.is_spelled(test.first_name, test.last_name)

    def _zone(self, test: Test) -> str:
        if test.school_id is None:
            return settings.TIME_ZONE
        return infos([test.school_id])[test.school_id].time_zone
