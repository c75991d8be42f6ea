"""What happened, for ever: text without foreign keys, so that nothing that is deleted takes it along."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from scoreport.lib.fields import CodeText


class Event(models.Model):
    """One thing that somebody did or looked at.

    ``verb`` follows ``<area>:<subject>:<action>`` (:class:`scoreport.audit.rules.Verb`).
    ``digest`` covers the row and the digest before it, so a changed or missing row shows; ``scheme`` and
    ``key_id`` say how it was computed (:func:`scoreport.audit.rules.digest_of`).

    The texts stay as they were written. ``actor_id``, ``subject_id`` and ``session_id`` identify the same person,
    subject and browser session whatever they are called now; they are no foreign keys, so they outlive the rows.
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
    actor_id = models.BigIntegerField(null=True, blank=True)
    subject_id = CodeText(blank=True, default="")
    session_id = models.BigIntegerField(null=True, blank=True)
    scheme = models.PositiveSmallIntegerField(default=1)
    key_id = CodeText(blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject", "at"], name="event_subject"),
            models.Index(fields=["organization", "verb", "at"], name="event_place_verb"),
            models.Index(fields=["actor", "at"], name="event_actor"),
            models.Index(fields=["verb", "at"], name="event_verb"),
            models.Index(fields=["at"], name="event_at"),
            models.Index(fields=["actor_id", "at"], condition=~Q(actor_id=None), name="event_actor_id"),
            models.Index(fields=["subject_kind", "subject_id", "at"], name="event_subject_id"),
            models.Index(
                fields=["session_id", "organization"], condition=~Q(session_id=None), name="event_session_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.subject}"


class PersonName(models.Model):
    """A name and address that a person has, or had, in an event; a search by text finds the person by any of them."""

    person_id = models.BigIntegerField()
    text = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person_id", "text"], name="person_name_once")]
        indexes: ClassVar = [models.Index(fields=["text"], name="person_name_text")]

    def __str__(self) -> str:
        return self.text


class Anchor(models.Model):
    """A note of an anchor that was written outside the database, so that a missing file of anchors is noticed."""

    event_id = models.BigIntegerField()
    events = models.BigIntegerField()
    digest = CodeText()
    at = models.DateTimeField()
    key_id = CodeText()
    mac = CodeText()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="anchor_at")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} event {self.event_id}"
