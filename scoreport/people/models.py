"""Students, the identifiers that other systems know them by, and open questions of identity."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from scoreport.imports.models import Assertion, Version
from scoreport.lib.fields import CodeText
from scoreport.people.rules import CaseState, IdentifierKind


class Student(models.Model):
    """A student for ever: no file, correction, undo or answer removes one or gives its id to anyone else.

    ``public_id`` is what addresses, logs and files carry. When two students turn out to be one, the older id stays
    and the other leads to it (``merged_into``, one step); a split lets it stand for itself again
    (``people.students``).
    """

    public_id = CodeText()
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["public_id"], name="student_public_id"),
            models.CheckConstraint(condition=~Q(public_id=""), name="student_has_public_id"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="student_not_into_itself"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="student_merged"),
        ]

    def __str__(self) -> str:
        return self.public_id


class StudentRecord(models.Model):
    """One spelling of one student: names, birth date, school, middle initial and gender as a source writes them.

    ``student`` is whose spelling it is, derived from evidence by ``people.identity``; ``linked_because`` says why it is
    the student of another record (a ``people.rules.Reason``), and is empty for the first record of a student. A record
    that nothing speaks of any more is *dormant*: it takes part in nothing, and comes back with its student and its
    answers when something speaks of it again. It has no student when another record bears that student on.

    ``record_key`` and ``name_birth_key`` are 64-bit shortcuts for matching, never the identity: a join on them also
    compares what they were made of.
    """

    # No constraint: a check of each of a million rows at commit costs half of the time (docs/performance.md).
    student = models.ForeignKey(
        Student,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="records",
        db_index=False,
        db_constraint=False,
    )
    linked_because = CodeText(blank=True, default="")
    is_dormant = models.BooleanField(default=False)
    first_name = models.TextField()
    last_name = models.TextField()
    fold_given = CodeText()
    fold_last = CodeText()
    birth_date = models.DateField()
    # No constraint either: loads resolve the school before they write.
    school_id = models.BigIntegerField(null=True, blank=True)
    fold_initial = CodeText(blank=True, default="", db_default="")
    gender = CodeText(blank=True, default="U", db_default="U")
    # Where the school is unknown: the code as typed, or the row itself (``people.rules.place_code_of``).
    place_code = CodeText(blank=True, default="", db_default="")
    record_key = models.BigIntegerField()
    name_birth_key = models.BigIntegerField()
    name_school_key = models.BigIntegerField()
    letters_key = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(student__isnull=False) | Q(is_dormant=True), name="student_record_has_student"
            ),
            models.CheckConstraint(
                condition=Q(is_dormant=False) | Q(linked_because=""), name="student_record_dormant_unlinked"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["record_key"], name="student_record_key"),
            models.Index(fields=["name_birth_key"], name="student_name_birth_key"),
            models.Index(fields=["name_school_key"], name="student_name_school_key"),
            models.Index(fields=["letters_key"], name="student_letters_key"),
            # Spellings of one birth date are compared: by the missing score finder, and at one school by matching.
            models.Index(fields=["birth_date", "school_id"], name="student_birth_school"),
            # Most records bear the student of their own number, which needs no index.
            models.Index(fields=["student"], condition=~Q(student=F("id")), name="student_record_student"),
            models.Index(fields=["id"], condition=Q(is_dormant=True), name="student_record_dormant"),
        ]

    def __str__(self) -> str:
        return f"{self.last_name}, {self.first_name}"


class RecordToRelink(models.Model):
    """A record whose links an update has to derive anew (``scoreport setup`` does, after it has migrated)."""

    record = models.OneToOneField(StudentRecord, on_delete=models.CASCADE, related_name="to_relink")

    def __str__(self) -> str:
        return f"{self.record_id}"


class FormerStudent(models.Model):
    """That a record was a student's until it became another one's: who looked at it then has looked at this record."""

    record = models.ForeignKey(StudentRecord, on_delete=models.CASCADE, related_name="former")
    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="former_records")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.record_id} was {self.student_id} until {self.until:%Y-%m-%d %H:%M}"


class Identifier(models.Model):
    """The crosswalk: what another system calls a student (state student id, local id, College Board id).

    Records that bear one identifier are one student, whatever their names, schools and years.
    """

    record = models.ForeignKey(StudentRecord, on_delete=models.CASCADE, related_name="identifiers")
    kind = CodeText()
    issuer = CodeText(blank=True, default="")
    value = CodeText()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "issuer", "value", "record"], name="identifier_once"),
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
    fold_initial = CodeText(blank=True, default="", db_default="")
    gender = CodeText(blank=True, default="U", db_default="U")
    place_code = CodeText(blank=True, default="", db_default="")
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

    record = models.ForeignKey(StudentRecord, on_delete=models.CASCADE, related_name="cases")
    candidate = models.ForeignKey(StudentRecord, on_delete=models.CASCADE, related_name="candidate_cases")
    reason = CodeText()
    state = CodeText(default=CaseState.OPEN.value)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    # The question about the same two students whose answer answered this one too; both are undone together.
    answered_with = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="companions"
    )

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
