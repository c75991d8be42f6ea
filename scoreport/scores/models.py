"""What stands around results: totals, claims of schools, withdrawals, and what program staff and searches were shown.

The results themselves are in :mod:`scoreport.scores.programs`, a module for each program.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from scoreport.imports.models import ImportFile
from scoreport.lib.fields import CodeText
from scoreport.lib.folded import Folded
from scoreport.scores.programs.clep import ClepAssertion, ClepResult
from scoreport.scores.rules import ClaimState

__all__ = ["ClepAssertion", "ClepResult"]


class RefusedTest(models.Model):
    """Whose test a refused row was about, as far as the row says: what the missing score finder looks at.

    One for each refused row whose cells could be told apart. All of it is as the row spells it, for it may be
    just what the row was refused for. It goes when the file is discarded or undone.
    """

    file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="refused_tests")
    line = models.BigIntegerField()
    ticket = CodeText(blank=True, default="")
    voucher_code = CodeText(blank=True, default="")
    first_name = models.TextField(blank=True, default="")
    last_name = models.TextField(blank=True, default="")
    fold_given = CodeText(blank=True, default="")
    fold_last = CodeText(blank=True, default="")
    birth_date = CodeText(blank=True, default="")
    ai_code = CodeText(blank=True, default="")
    exam_code = CodeText(blank=True, default="")
    tested_on = CodeText(blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(Folded("ticket"), name="refused_ticket_folded"),
            models.Index(Folded("voucher_code"), name="refused_voucher_folded"),
            models.Index(fields=["fold_last", "fold_given"], name="refused_test_name"),
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.ticket}"


class AttributionRequest(models.Model):
    """A claim: a school says that a test is one of its own students', and program staff decide.

    ``first_name``, ``last_name`` and ``birth_date`` are the student's as the school has them; what the row says stands
    with the score. ``asked_by_id`` is whom the answer is mailed to; people are named as text besides, so that it stays
    readable for ever.
    """

    program = CodeText()
    ticket = CodeText()
    school_id = models.BigIntegerField()
    first_name = models.TextField(blank=True, default="")
    last_name = models.TextField()
    birth_date = models.DateField()
    reason = models.TextField()
    state = CodeText(default=ClaimState.OPEN.value)
    asked_at = models.DateTimeField()
    asked_by = models.TextField()
    asked_by_id = models.BigIntegerField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.TextField(blank=True, default="")
    sentence = models.TextField(blank=True, default="")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.TextField(blank=True, default="")
    undone_because = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["program", "ticket", "school_id"],
                condition=Q(state=ClaimState.OPEN.value),
                name="score_claim_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in ClaimState]), name="score_claim_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=ClaimState.OPEN.value, decided_at__isnull=True, decided_by="")
                | (~Q(state=ClaimState.OPEN.value) & Q(decided_at__isnull=False) & ~Q(decided_by="")),
                name="score_claim_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(state=ClaimState.UNDONE.value, undone_at__isnull=False)
                | (~Q(state=ClaimState.UNDONE.value) & Q(undone_at__isnull=True, undone_by="")),
                name="score_claim_undone_by_someone",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "id"], name="score_claim_state"),
            models.Index(fields=["school_id", "id"], name="score_claim_school"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} for {self.school_id}: {self.state}"


class Placement(models.Model):
    """A ticket belongs to this school, whatever AI code its rows carry: a confirmed claim says so.

    ``scores.school_resolution`` is the one place that reads it to decide where a test belongs.
    """

    program = CodeText()
    ticket = CodeText()
    school_id = models.BigIntegerField()
    claim = models.OneToOneField(AttributionRequest, on_delete=models.PROTECT, related_name="placement")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["program", "ticket"], name="placement_once")]

    def __str__(self) -> str:
        return f"{self.ticket} at {self.school_id}"


class ScoreWithdrawal(models.Model):
    """A person withdrew the score of a ticket, and perhaps restored it later; files that come meanwhile don't matter.

    ``reason`` and ``restore_reason`` are for program staff. People are named as text, so that it stays readable.
    """

    program = CodeText()
    ticket = CodeText()
    reason = models.TextField()
    withdrawn_at = models.DateTimeField()
    withdrawn_by = models.TextField()
    restored_at = models.DateTimeField(null=True, blank=True)
    restored_by = models.TextField(blank=True, default="")
    restore_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["program", "ticket"], condition=Q(restored_at__isnull=True), name="score_withdrawn_once"
            ),
            models.CheckConstraint(
                condition=Q(restored_at__isnull=True, restored_by="")
                | (Q(restored_at__isnull=False) & ~Q(restored_by="")),
                name="score_restored_by_someone",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["program", "ticket"], name="score_withdrawal_ticket")]

    def __str__(self) -> str:
        return f"{self.program} {self.ticket}"


class MissingSearch(models.Model):
    """That somebody looked for a missing score; searches are counted, so that nobody tries names by the thousand."""

    person_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person_id", "at"], name="missing_search_person")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.at}"


class ShownRows(models.Model):
    """That a member of the program staff was shown students' rows; they are counted, so that nobody reads them all.

    ``what`` names the rows, so that a page that is reloaded counts once. ``allowed`` is how many more rows a second
    person has approved.
    """

    person_id = models.BigIntegerField()
    at = models.DateTimeField()
    what = CodeText(blank=True, default="")
    rows = models.IntegerField(default=0)
    allowed = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person_id", "at"], name="shown_rows_person")]

    def __str__(self) -> str:
        return f"{self.rows} rows to {self.person_id} at {self.at}"


class Total(models.Model):
    """What became visible at one instant for one organization, year, exam and measure.

    Releases only ever add, so a summary at any instant is a sum of the rows up to it: tests,
    values at or above the cut, and takers counted at their first release. ``exam_code`` empty
    means all exams together (takers of several exams counted once). ``bin_0`` and the next ones count the values in
    the parts of the measure's distribution (:attr:`scoreport.programs.rules.Measure.bins`). ``released_at`` at
    :data:`scoreport.scores.rules.NEVER` counts what waits for its score, and canceled tests in a column of their
    own, which are in no other. Kept for districts and states; a school is counted live.
    """

    program = CodeText()
    organization_id = models.BigIntegerField()
    year = models.SmallIntegerField()
    exam_code = CodeText(blank=True, default="")
    measure = CodeText(default="score", db_default="score")
    released_at = models.DateTimeField()
    takers = models.BigIntegerField(default=0)
    tests = models.BigIntegerField(default=0)
    at_cut = models.BigIntegerField(default=0)
    value_sum = models.BigIntegerField(default=0)
    bin_0 = models.BigIntegerField(default=0, db_default=0)
    bin_1 = models.BigIntegerField(default=0, db_default=0)
    bin_2 = models.BigIntegerField(default=0, db_default=0)
    bin_3 = models.BigIntegerField(default=0, db_default=0)
    bin_4 = models.BigIntegerField(default=0, db_default=0)
    bin_5 = models.BigIntegerField(default=0, db_default=0)
    bin_6 = models.BigIntegerField(default=0, db_default=0)
    bin_7 = models.BigIntegerField(default=0, db_default=0)
    bin_8 = models.BigIntegerField(default=0, db_default=0)
    bin_9 = models.BigIntegerField(default=0, db_default=0)
    bin_10 = models.BigIntegerField(default=0, db_default=0)
    bin_11 = models.BigIntegerField(default=0, db_default=0)
    bin_12 = models.BigIntegerField(default=0, db_default=0)
    bin_13 = models.BigIntegerField(default=0, db_default=0)
    bin_14 = models.BigIntegerField(default=0, db_default=0)
    bin_15 = models.BigIntegerField(default=0, db_default=0)
    canceled = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["program", "organization_id", "year", "exam_code", "measure", "released_at"],
                name="total_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program} {self.organization_id} {self.year} {self.exam_code}"
