"""Let each program have a table of results: CLEP's is renamed, no row of it is written again.

Totals count any measure: what was CLEP's score by bands is the measure "score" by the parts of its distribution.
"""

from django.db import migrations, models

import scoreport.lib.fields

_BANDS = tuple(range(20, 80, 5))


class Migration(migrations.Migration):
    dependencies = [("scores", "0012_records_by_initial_and_gender")]

    operations = [
        migrations.RenameModel("Score", "ClepResult"),
        migrations.RenameModel("ScoreAssertion", "ClepAssertion"),
        migrations.RenameIndex("clepassertion", "clepassertion_file", old_name="scoreassertion_file"),
        migrations.RenameIndex("clepassertion", "clepassertion_version", old_name="scoreassertion_version"),
        migrations.RemoveConstraint("total", "total_once"),
        migrations.RenameField("total", "score_sum", "value_sum"),
        *(migrations.RenameField("total", f"band_{low}", f"bin_{number}") for number, low in enumerate(_BANDS)),
        *(
            migrations.AlterField("total", f"bin_{number}", models.BigIntegerField(default=0, db_default=0))
            for number in range(12)
        ),
        *(
            migrations.AddField("total", f"bin_{number}", models.BigIntegerField(default=0, db_default=0))
            for number in range(12, 16)
        ),
        migrations.AddField("total", "measure", scoreport.lib.fields.CodeText(default="score", db_default="score")),
        migrations.AddConstraint(
            "total",
            models.UniqueConstraint(
                fields=["program", "organization_id", "year", "exam_code", "measure", "released_at"],
                name="total_once",
            ),
        ),
    ]
