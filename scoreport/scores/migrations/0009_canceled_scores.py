"""Cancel scores: what a file says of a score, since when it is canceled, and withdrawals by hand.

A score that an earlier file had and that became empty later was shown as pending; it is canceled now.
"""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Exists, F, OuterRef, Q

import scoreport.lib.fields
from scoreport.lib.clock import local_date
from scoreport.scores.rules import NEVER


def cancel_emptied(apps, schema_editor):
    """Cancel the scores that a later file left empty, and count them apart in the totals."""
    scores, totals = apps.get_model("scores", "Score").objects, apps.get_model("scores", "Total").objects
    retired = scores.filter(
        program=OuterRef("program"), ticket=OuterRef("ticket"), is_current=False, score__isnull=False
    )
    for row in scores.filter(Exists(retired), is_current=True, score__isnull=True).order_by("pk"):
        contents = scores.filter(program=row.program, ticket=row.ticket)
        contents.update(canceled_on=local_date(_since(apps, row, contents), settings.TIME_ZONE), released_at=None)
        places = [number for number in (row.district_id, row.state_id) if number is not None]
        totals.filter(
            program=row.program,
            organization_id__in=places,
            year=row.year,
            exam_code__in=["", row.exam_code],
            released_at=NEVER,
        ).update(tests=F("tests") - 1, canceled=F("canceled") + 1)


def _since(apps, row, contents):
    """Return when the first file was accepted that left the score empty after the last one that had it."""
    files = {file.pk: file for file in apps.get_model("imports", "ImportFile").objects.exclude(accepted_order=None)}
    claims = apps.get_model("scores", "Claim").objects
    with_score = set(contents.filter(score__isnull=False).values_list("pk", flat=True))
    said = [
        (files[file].accepted_order, files[file].accepted_at, score in with_score)
        for file, score in claims.filter(score_id__in=contents.values("pk")).values_list("file_id", "score_id")
    ]
    last = max(order for order, _at, has_score in said if has_score)
    return min((order, at) for order, at, _has_score in said if order > last)[1]


class Migration(migrations.Migration):
    dependencies = [("scores", "0008_any_effect"), ("imports", "0002_every_kind")]

    operations = [
        migrations.CreateModel(
            name="ScoreWithdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("program", scoreport.lib.fields.CodeText()),
                ("ticket", scoreport.lib.fields.CodeText()),
                ("reason", models.TextField()),
                ("withdrawn_at", models.DateTimeField()),
                ("withdrawn_by", models.TextField()),
                ("restored_at", models.DateTimeField(blank=True, null=True)),
                ("restored_by", models.TextField(blank=True, default="")),
                ("restore_reason", models.TextField(blank=True, default="")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["program", "ticket"],
                        condition=Q(restored_at__isnull=True),
                        name="score_withdrawn_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(restored_at__isnull=True, restored_by="")
                        | (Q(restored_at__isnull=False) & ~Q(restored_by="")),
                        name="score_restored_by_someone",
                    ),
                ],
                "indexes": [models.Index(fields=["program", "ticket"], name="score_withdrawal_ticket")],
            },
        ),
        migrations.AddField("score", "status", scoreport.lib.fields.CodeText(blank=True, db_default="", default="")),
        migrations.AddField("score", "canceled_on", models.DateField(blank=True, null=True)),
        migrations.AddField("total", "canceled", models.BigIntegerField(db_default=0, default=0)),
        migrations.RunPython(cancel_emptied, migrations.RunPython.noop),
        migrations.AddConstraint(
            "score",
            models.CheckConstraint(
                condition=Q(status="") | Q(status="canceled", score__isnull=True), name="score_status_known"
            ),
        ),
        migrations.AddConstraint(
            "score",
            models.CheckConstraint(
                condition=Q(canceled_on__isnull=True) | Q(released_at__isnull=True), name="score_canceled_is_hidden"
            ),
        ),
    ]
