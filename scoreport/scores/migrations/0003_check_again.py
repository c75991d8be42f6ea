"""Drop the checked rows of files that wait to be accepted: their columns and keys are those of an older Scoreport.

The files stay, with their counts and lists; accepting one says that it has to be checked again.
"""

import re

from django.db import migrations

_STAGED = re.compile(r"scores_staged_\d+(_doubt)?")


def drop_staged(apps, schema_editor):
    """Drop every staging table and the side table of its doubts."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for name in filter(_STAGED.fullmatch, connection.introspection.table_names(cursor)):
            cursor.execute(f"DROP TABLE {name}")


class Migration(migrations.Migration):
    dependencies = [("scores", "0002_missing_scores"), ("people", "0003_keys_by_school")]

    operations = [migrations.RunPython(drop_staged, migrations.RunPython.noop)]
