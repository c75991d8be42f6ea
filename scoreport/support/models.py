"""Requests for help, what was said about them, the files that came along, and answers kept for the next time."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from scoreport.lib.fields import CodeText
from scoreport.organizations.models import Organization
from scoreport.support.rules.requests import Kind, RequestState, Voice


class HelpRequest(models.Model):
    """Something that a person asks program staff for.

    ``messages`` counts what was said: the position of the newest message, and by that the version which an
    answer was written for. ``once`` is drawn with each form, so that a form sent twice asks once.
    ``student_id`` names a record and never a person; ``due_at`` is the end of the day ``due_on`` where the
    organization is. ``person_key`` is name and address folded: what staff search by.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="help_requests")
    person_key = CodeText()
    once = CodeText()
    kind = CodeText(choices=[(k.value, k.value) for k in Kind])
    name = models.TextField()
    title = models.TextField(blank=True, default="")
    institution = models.TextField(blank=True, default="")
    years = models.TextField(blank=True, default="")
    organization = models.ForeignKey(Organization, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    page = models.TextField(blank=True, default="")
    student_id = models.BigIntegerField(null=True, blank=True)
    state = CodeText(choices=[(s.value, s.value) for s in RequestState], default=RequestState.OPEN.value)
    messages = models.IntegerField(default=0)
    asked_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    due_on = models.DateField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    assigned = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "once"], name="help_request_form_once"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in Kind]), name="help_request_kind_known"),
            models.CheckConstraint(
                condition=(Q(state=RequestState.CLOSED.value) & Q(closed_at__isnull=False))
                | (Q(state__in=[RequestState.OPEN.value, RequestState.ANSWERED.value]) & Q(closed_at__isnull=True)),
                name="help_request_closed_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.ANSWERED.value) | Q(answered_at__isnull=False),
                name="help_request_answered_has_moment",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"], name="help_request_queue"),
            models.Index(fields=["person", "asked_at"], name="help_request_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class HelpMessage(models.Model):
    """One thing that was said: by the person, by program staff, or among program staff. It is never changed."""

    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="thread")
    position = models.IntegerField()
    voice = CodeText(choices=[(v.value, v.value) for v in Voice])
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    author_name = models.TextField()
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "position"], name="help_message_position_once"),
            models.CheckConstraint(condition=~Q(text=""), name="help_message_has_text"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.position}"


class HelpFile(models.Model):
    """A file that came with a message; when it is removed, its name goes with it and the row stays."""

    message = models.ForeignKey(HelpMessage, on_delete=models.CASCADE, related_name="files")
    name = models.TextField(blank=True, default="")
    media_type = CodeText()
    size = models.BigIntegerField()
    path = CodeText(blank=True, default="")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(removed_at__isnull=True) & ~Q(path="") & ~Q(name=""))
                | Q(removed_at__isnull=False, path="", name=""),
                name="help_file_there_or_removed",
            ),
            models.UniqueConstraint(fields=["path"], condition=~Q(path=""), name="help_file_path_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CannedAnswer(models.Model):
    """An answer that is given often, kept under a title; ``language`` is the one that it is written in."""

    title = models.TextField()
    text = models.TextField()
    language = CodeText(choices=settings.LANGUAGES)
    changed_at = models.DateTimeField()
    changed_by = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["title", "language"], name="canned_answer_title_once"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="canned_answer_has_words"),
        ]

    def __str__(self) -> str:
        return self.title
