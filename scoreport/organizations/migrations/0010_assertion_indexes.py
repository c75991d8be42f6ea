"""Name the indexes of assertions as every kind of file does; no row changes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("organizations", "0009_versions_of_files")]

    operations = [
        migrations.RenameIndex("OrganizationAssertion", new_name="organizationassertion_file", old_name="organization_assertion_file"),
        migrations.RenameIndex("OrganizationAssertion", new_name="organizationassertion_version", old_name="organization_assertion_version"),
    ]
