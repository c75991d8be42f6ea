"""What changes about a program while an installation runs: its fees."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from scoreport.lib.fields import CodeText


class Fee(models.Model):
    """What an exam costs from a day on, until the academic year ends or a later fee begins; in cents.

    ``year`` is the academic year by its first calendar year. ``remote_cents`` comes on top of an exam that is taken
    remotely.
    """

    program = CodeText()
    year = models.SmallIntegerField()
    starts_on = models.DateField()
    exam_cents = models.IntegerField()
    remote_cents = models.IntegerField()
    set_at = models.DateTimeField()
    set_by = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["program", "starts_on"], name="fee_once_a_day"),
            models.CheckConstraint(condition=Q(exam_cents__gt=0, remote_cents__gte=0), name="fee_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.program} {self.starts_on}"
