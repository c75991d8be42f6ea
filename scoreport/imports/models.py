"""Imported files of every kind, and the rows that were refused.

A file's accepted rows are *assertions*: each says that one version of one record is so. The newest assertion whose
file was not undone says which version is current. Each kind of file keeps versions and assertions in tables of its
own (``imports.target``).
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from scoreport.imports.rules import FileState
from scoreport.lib.fields import CodeText


class Version(models.Model):
    """What files say of one record, never changed; each kind of record adds its key and its columns."""

    row_hash = models.BigIntegerField()
    is_current = models.BooleanField()

    class Meta:
        abstract = True


class Assertion(models.Model):
    """One accepted row of one file: it says that a version is so. Each kind of record has a table of them."""

    file_id = models.BigIntegerField()
    line = models.BigIntegerField()
    version_id = models.BigIntegerField()
    # An ``imports.rules.Effect``.
    kind = CodeText()

    class Meta:
        abstract = True
        indexes: ClassVar = [
            models.Index(fields=["file_id", "line"], name="%(class)s_file"),
            models.Index(fields=["version_id"], name="%(class)s_version"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.line}"


class ImportFile(models.Model):
    """A file that arrived, and what became of it."""

    # Which target reads it; the key of ``settings.IMPORT_TARGETS``.
    kind = CodeText(default="scores")
    # The testing program of a score file; empty for other kinds.
    program = CodeText(blank=True, default="")
    # The organization whose records the file lists, where a kind of file belongs to one.
    organization_id = models.BigIntegerField(null=True, blank=True)
    layout = CodeText()
    name = models.TextField()
    sha256 = CodeText()
    size = models.BigIntegerField()
    path = models.TextField()
    # The sheet of a workbook that was chosen; empty for the first one.
    sheet = models.TextField(blank=True, default="")
    state = CodeText(default=FileState.RECEIVED.value)
    reason = models.TextField(blank=True, default="")
    notices = models.JSONField(default=list)
    # Columns that are not part of the layout.
    ignored_columns = models.JSONField(default=list)
    # What is wrong with many rows for one reason, each with the repair that is offered; the repairs that were chosen.
    causes = models.JSONField(default=list)
    repairs = models.JSONField(default=list)
    received_at = models.DateTimeField()
    received_by = models.TextField()
    # The one person who sees its rows: who uploaded it, or who took it over. Nobody for a file from the command line.
    handled_by = models.TextField(blank=True, default="")
    handled_by_id = models.BigIntegerField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.TextField(blank=True, default="")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.TextField(blank=True, default="")
    # The order of acceptance; the newest assertion of a record wins by it.
    accepted_order = models.BigIntegerField(null=True, blank=True, unique=True)
    # Which acceptances and undone files the check has seen; another one since makes it stale.
    checked_against = models.BigIntegerField(default=0)
    # When work on it was last noted, by the database's clock: work that stands still was interrupted.
    worked_at = models.DateTimeField(db_default=Now())
    rows_done = models.BigIntegerField(default=0)
    rows_total = models.BigIntegerField(default=0)
    rows_new = models.BigIntegerField(default=0)
    rows_changed = models.BigIntegerField(default=0)
    rows_same = models.BigIntegerField(default=0)
    rows_unmatched = models.BigIntegerField(default=0)
    rows_refused = models.BigIntegerField(default=0)
    # Rows whose student is a question for a person.
    rows_asked = models.BigIntegerField(default=0)
    # Rows without any value.
    rows_skipped = models.BigIntegerField(default=0)
    # Rows that return to what a later file replaced.
    rows_reverting = models.BigIntegerField(default=0)
    # Tests that are on file under another ticket.
    rows_doubled = models.BigIntegerField(default=0)
    # Rows of older reports than the current ones, and records that a complete list no longer names.
    rows_older = models.BigIntegerField(default=0)
    rows_removed = models.BigIntegerField(default=0)
    # Among the new, changed and same: canceled tests.
    rows_canceled = models.BigIntegerField(default=0)
    # Whether the acceptance stores reverting and doubled rows, or holds them back.
    accepts_reverting = models.BooleanField(default=False)
    accepts_doubles = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in FileState]), name="import_file_state_known"),
            models.CheckConstraint(
                condition=Q(accepted_order__isnull=True, accepted_at__isnull=True)
                | Q(accepted_order__isnull=False, accepted_at__isnull=False),
                name="import_file_accepted_in_order",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "program", "-received_at"], name="import_file_received")]

    def __str__(self) -> str:
        return self.name


class RejectedRow(models.Model):
    """One reason why one row of a file was not taken; ``cause`` is empty unless many rows share it."""

    file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="refused")
    line = models.BigIntegerField()
    column = CodeText()
    value = models.TextField(blank=True, default="")
    reason = models.TextField()
    cause = CodeText(blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["file", "line"], name="rejected_row_line")]

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}"
