"""Let ``imports.rules`` say which effects a row can have; nothing stored changes."""

from django.db import migrations

from scoreport.lib.fields import CodeText


class Migration(migrations.Migration):
    dependencies = [("scores", "0007_files_in_imports")]

    operations = [migrations.AlterField("claim", "kind", CodeText())]
