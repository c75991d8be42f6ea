"""Students, the identifiers that other systems know them by, and open questions of identity."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from scoreport.imports.models import Assertion, Version
from scoreport.lib.fields import CodeText
from scoreport.people.rules import CaseState, IdentifierKind


class Student(models.Model):
    """One student as one spelling of name, birth date and school describes them.

    Records that turned out to be one person point at the record that stands for that person
    (``same_as``, one step, reversible); a score carries both its own record and the person.
    ``record_key`` and ``name_birth_key`` are 64-bit shortcuts for matching, never the identity:
    whoever joins on them also compares what they were made of.
    """

    first_name = models.TextField()
    last_name = models.TextField()
    fold_given = CodeText()
    fold_last = CodeText()
    birth_date = models.DateField()
    # No constraint: loads resolve the school before they write, and a check of each of a
    # million rows at commit costs half of the time (docs/performance.md).
    school_id = models.BigIntegerField(null=True, blank=True)
    record_key = models.BigIntegerField()
    name_birth_key = models.BigIntegerField()
    name_school_key = models.BigIntegerField()
    letters_key = models.BigIntegerField()
    same_as = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="records", db_index=False
    )
    same_because = CodeText(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(same_as__isnull=True) | ~Q(same_as=F("id")), name="student_not_itself"),
            models.CheckConstraint(
                condition=Q(same_as__isnull=True, same_because="") | (Q(same_as__isnull=False) & ~Q(same_because="")),
                name="student_same_has_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["record_key"], name="student_record_key"),
            models.Index(fields=["name_birth_key"], name="student_name_birth_key"),
            models.Index(fields=["name_school_key"], name="student_name_school_key"),
            models.Index(fields=["letters_key"], name="student_letters_key"),
            # The missing score finder compares the spellings of one birth date.
            models.Index(fields=["birth_date"], name="student_birth_date"),
            models.Index(fields=["same_as"], condition=Q(same_as__isnull=False), name="student_same_as"),
        ]

    def __str__(self) -> str:
        return f"{self.last_name}, {self.first_name}"


class Identifier(models.Model):
    """The crosswalk: what another system calls a student (state student id, local id, College Board id).

    Records that bear one identifier are one student, whatever their names, schools and years.
    """

    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="identifiers")
    kind = CodeText()
    issuer = CodeText(blank=True, default="")
    value = CodeText()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "issuer", "value", "student"], name="identifier_once"),
            models.CheckConstraint(condition=~Q(value=""), name="identifier_not_empty"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in IdentifierKind]), name="identifier_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class IdentifierVersion(Version):
    """One row of a crosswalk: an identifier, and the student as the row spells them.

    ``about`` names identifier and student in one number, so that no row changes another one.
    """

    about = models.BigIntegerField()
    kind = CodeText()
    issuer = CodeText(blank=True, default="")
    value = CodeText()
    first_name = models.TextField(blank=True, default="")
    last_name = models.TextField()
    birth_date = models.DateField()
    school_id = models.BigIntegerField(null=True, blank=True)
    fold_given = CodeText()
    fold_last = CodeText()
    record_key = models.BigIntegerField()
    name_birth_key = models.BigIntegerField()
    name_school_key = models.BigIntegerField()
    letters_key = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["about"], name="identifier_version_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class IdentifierAssertion(Assertion):
    """One accepted row of a list of identifiers: it says that its version is so."""


class MatchCase(models.Model):
    """Two records that may be one student: a question for a person, and their answer."""

    record = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="cases")
    candidate = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="candidate_cases")
    reason = CodeText()
    state = CodeText(default=CaseState.OPEN.value)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "candidate"], name="match_case_once"),
            models.CheckConstraint(condition=~Q(record=F("candidate")), name="match_case_of_two"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in CaseState]), name="match_case_state_known"),
            models.CheckConstraint(
                condition=Q(state=CaseState.OPEN.value, decided_at__isnull=True, decided_by="")
                | (~Q(state=CaseState.OPEN.value) & Q(decided_at__isnull=False) & ~Q(decided_by="")),
                name="match_case_decided_by_someone",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "id"], name="match_case_state")]

    def __str__(self) -> str:
        return f"{self.record_id} ~ {self.candidate_id}: {self.state}"
