"""Views of a report that people saved under a name."""

from typing import ClassVar

from django.db import models

from scoreport.lib.fields import CodeText


class SavedView(models.Model):
    """The parameters of a roster query with a name; the slug is what its link carries and opens nothing by itself."""

    owner_id = models.BigIntegerField()
    organization_id = models.BigIntegerField()
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
