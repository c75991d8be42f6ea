import datetime as dt
import base64
import binascii

import scoreport.lib.fields
from cryptography import x509
from django.db import migrations, models


def keep_certificates(apps, _schema_editor):
    """Write the one certificate that was kept of each SAML service as a list of certificates with their ends."""
    for row in apps.get_model('organizations', 'IdentityProvider').objects.filter(protocol='saml'):
        certificate = row.settings.pop('certificate', '')
        if 'certificates' in row.settings:
            continue
        try:
            ends_at = x509.load_der_x509_certificate(base64.b64decode(certificate)).not_valid_after_utc
        except (ValueError, binascii.Error):
            # It never was one: it counts no more, and `identity-provider list` says so.
            ends_at = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
        row.settings['certificates'] = [{'x509': certificate, 'ends_at': ends_at.isoformat()}] if certificate else []
        row.save(update_fields=['settings'])


def keep_one(apps, _schema_editor):
    """Write the first certificate as the only one, as it was before."""
    for row in apps.get_model('organizations', 'IdentityProvider').objects.filter(protocol='saml'):
        kept = row.settings.pop('certificates', [])
        row.settings['certificate'] = kept[0]['x509'] if kept else ''
        row.save(update_fields=['settings'])


class Migration(migrations.Migration):

    dependencies = [
        ('organizations', '0006_revoke_unapproved_codes'),
    ]

    operations = [
        migrations.AddField(
            model_name='identityprovider',
            name='metadata_url',
            field=scoreport.lib.fields.CodeText(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='identityprovider',
            name='metadata_tried_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='identityprovider',
            name='metadata_fetched_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='identityprovider',
            name='metadata_overdue_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='identityprovider',
            name='metadata_valid_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='identityprovider',
            name='metadata_problem',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.CreateModel(
            name='UsedAssertion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', scoreport.lib.fields.CodeText()),
                ('digest', scoreport.lib.fields.CodeText()),
                ('ends_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('provider', 'digest'), name='used_assertion_once')],
            },
        ),
        migrations.RunPython(keep_certificates, keep_one, elidable=True),
    ]
