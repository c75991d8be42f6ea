"""Name what files say of scores an assertion, and a school's claim of a test a request; no row changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scores", "0009_canceled_scores")]

    operations = [
        migrations.RenameModel("Claim", "ScoreAssertion"),
        # An index does not follow the new name of its column.
        migrations.RemoveIndex("ScoreAssertion", "claim_score"),
        migrations.RenameField("ScoreAssertion", "score_id", "version_id"),
        migrations.AddIndex("ScoreAssertion", models.Index(fields=["version_id"], name="scoreassertion_version")),
        migrations.RenameIndex("ScoreAssertion", new_name="scoreassertion_file", old_name="claim_file"),
        migrations.RenameModel("ScoreClaim", "AttributionRequest"),
    ]
