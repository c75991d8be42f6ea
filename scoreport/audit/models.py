"""What happened, for ever: text without foreign keys, so that nothing that is deleted takes it along."""

from typing import ClassVar

from django.db import models

from scoreport.lib.fields import CodeText


class Event(models.Model):
    """One thing that somebody did or looked at.

    ``verb`` follows ``<area>:<subject>:<action>`` (:class:`scoreport.audit.rules.Verb`).
    ``digest`` covers the row and the digest before it, so a changed or missing row shows.
    """

    at = models.DateTimeField()
    verb = CodeText()
    actor_kind = CodeText()
    actor = models.TextField()
    acting_for = models.TextField(blank=True, default="")
    address = CodeText(blank=True, default="")
    organization = CodeText(blank=True, default="")
    subject_kind = CodeText(blank=True, default="")
    subject = CodeText(blank=True, default="")
    detail = models.JSONField(default=dict)
    digest = CodeText()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject", "at"], name="event_subject"),
            models.Index(fields=["organization", "verb", "at"], name="event_place_verb"),
            models.Index(fields=["actor", "at"], name="event_actor"),
            models.Index(fields=["verb", "at"], name="event_verb"),
            models.Index(fields=["at"], name="event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.subject}"
