"""Private files that were made for somebody, with an end and a log of their openings."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from scoreport.downloads.rules import DownloadState
from scoreport.lib.fields import CodeText


class Download(models.Model):
    """One prepared file. The secret in its address opens nothing for anybody but its owner."""

    secret = CodeText(unique=True)
    owner_id = models.BigIntegerField()
    organization = CodeText(blank=True, default="")
    kind = CodeText()
    name = models.TextField()
    media_type = CodeText()
    parameters = models.JSONField(default=dict)
    # What was asked for and of which data, as a digest; empty where the same request may be made again.
    key = CodeText(blank=True, default="")
    state = CodeText(default=DownloadState.PREPARING.value)
    rows_done = models.BigIntegerField(default=0)
    rows_total = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    path = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in DownloadState]), name="download_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=DownloadState.READY.value) | (Q(ready_at__isnull=False) & ~Q(path="")),
                name="download_ready_has_file",
            ),
            models.UniqueConstraint(
                fields=["owner_id", "key"],
                condition=Q(state__in=[DownloadState.PREPARING.value, DownloadState.READY.value]) & ~Q(key=""),
                name="download_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["owner_id", "-created_at"], name="download_owner")]

    def __str__(self) -> str:
        return self.name


class Opening(models.Model):
    """One time that somebody fetched a prepared file."""

    download = models.ForeignKey(Download, on_delete=models.CASCADE, related_name="openings")
    at = models.DateTimeField()
    actor = models.TextField()
    address = CodeText(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.download_id} {self.at:%Y-%m-%d %H:%M}"


class ExportedRows(models.Model):
    """The rows of one file that a person took out; the same file on the same day is counted once."""

    person_id = models.BigIntegerField()
    day = models.DateField()
    organization = CodeText(blank=True, default="")
    key = CodeText()
    rows = models.BigIntegerField()
    # A second person approved them, so they are outside of the limit.
    is_approved = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person_id", "day", "key"], name="exported_rows_once"),
            models.CheckConstraint(condition=Q(rows__gte=0), name="exported_rows_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.day} {self.rows}"


class ViewedRows(models.Model):
    """How many rows of an organization's rosters a person has looked at on a day; text without foreign keys."""

    person_id = models.BigIntegerField()
    person = models.TextField()
    day = models.DateField()
    organization = CodeText()
    rows = models.BigIntegerField(default=0)
    pages = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person_id", "day", "organization"], name="viewed_rows_once")
        ]
        indexes: ClassVar = [models.Index(fields=["day", "person_id"], name="viewed_rows_day")]

    def __str__(self) -> str:
        return f"{self.person} {self.day} {self.organization} {self.rows}"
