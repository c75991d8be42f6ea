"""Views of a report that people saved, and the figures that are published to readers of summaries."""

from typing import ClassVar

from django.db import models

from scoreport.lib.fields import CodeText
from scoreport.reports.rules import first_program


class SavedView(models.Model):
    """The parameters of a roster query with a name; the slug is what its link carries and opens nothing by itself."""

    owner_id = models.BigIntegerField()
    organization_id = models.BigIntegerField()
    # What an older Scoreport saves, also while both run, is of the first program.
    program = CodeText(db_default=first_program())
    slug = CodeText(unique=True)
    name = CodeText()
    parameters = models.JSONField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner_id", "name"], name="saved_view_name_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="saved_view_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class PublishedCount(models.Model):
    """What readers of summaries may know of one exam at one organization in one academic year (``rules.Cell``).

    ``exam_code`` is empty for tests that are published without their exam. The places say under which organizations a
    row counts.
    """

    program = CodeText()
    year = models.SmallIntegerField()
    organization_id = models.BigIntegerField()
    exam_code = CodeText(blank=True, default="")
    school_id = models.BigIntegerField(null=True, blank=True)
    district_id = models.BigIntegerField(null=True, blank=True)
    state_id = models.BigIntegerField(null=True, blank=True)
    tests = models.IntegerField(default=0)
    at_cut = models.IntegerField(default=0)
    counted_tests = models.IntegerField(default=0)
    counted_at_cut = models.IntegerField(default=0)
    taken_tests = models.IntegerField(default=0)
    taken_at_cut = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization_id", "program", "year", "exam_code"], name="published_count_once"
            ),
            models.CheckConstraint(
                condition=models.Q(at_cut__gte=0, tests__gte=models.F("at_cut")), name="published_count_in_range"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["district_id", "program", "year"], name="published_count_district"),
            models.Index(fields=["state_id", "program", "year"], name="published_count_state"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.program} {self.year} {self.exam_code}"


class Publication(models.Model):
    """When the published counts of an organization and an academic year were brought up to date last.

    ``takers_percent`` is how many students there are for 100 tests, in steps of five.
    """

    program = CodeText()
    year = models.SmallIntegerField()
    organization_id = models.BigIntegerField()
    refreshed_at = models.DateTimeField(null=True, blank=True)
    takers_percent = models.SmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization_id", "program", "year"], name="publication_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.program} {self.year}"
