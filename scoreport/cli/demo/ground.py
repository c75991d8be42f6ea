"""The ground that a demo stands on: its own database and its own data folder, emptied before it is built again."""

import json
import shutil

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils.translation import gettext as _

from scoreport.access import Actor, Refused
from scoreport.accounts.queries import addresses
from scoreport.cli.demo.people import DOMAIN, PEOPLE
from scoreport.cli.demo.places import codes, rows
from scoreport.imports import staging
from scoreport.organizations.queries import organizations_of


class NotADemo(Refused):
    """Here is something that is not of the demo, so nothing was touched."""


def require_own(actor: Actor) -> None:
    """Return when database and data folder are empty or hold an earlier demo. Raises :class:`NotADemo`."""
    if not settings.DEMO:
        raise NotADemo(_("A demo is built in demo mode only. Set DEMO=yes and a SCOREPORT_DATA_DIR of its own."))
    if "accounts_user" in connection.introspection.table_names():
        _require_own_rows(actor)
    if not settings.DEMO_PEOPLE.exists() and any(path.is_file() for path in settings.MEDIA_ROOT.rglob("*")):
        message = _(
            "The data folder %(folder)s holds files that are not of a demo. Set SCOREPORT_DATA_DIR to another one."
        )
        raise NotADemo(message % {"folder": settings.DATA_DIR})


def _require_own_rows(actor: Actor) -> None:
    strangers = [address for address in addresses() if not address.endswith(DOMAIN)]
    known = organizations_of(actor, per_page=len(codes()) + 1)
    if strangers or known.total > len(codes()) or {row.code for row in known.rows} - codes():
        raise NotADemo(_("This database holds people or organizations that are not of the demo. Nothing was touched."))


def clear() -> None:
    """Empty the database and the folder of files; ask :func:`require_own` before."""
    for file_id in staging.present():
        staging.drop(file_id)
    call_command("flush", interactive=False, verbosity=0)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    shutil.rmtree(settings.DEMO_MAILS, ignore_errors=True)
    settings.DEMO_PEOPLE.unlink(missing_ok=True)
    settings.AUDIT_ANCHORS.unlink(missing_ok=True)


def write_people() -> None:
    """Write down whom the sign-in page offers; the file also marks the data folder as one of a demo."""
    names = {row[1]: row[2] for row in rows()}
    told = [
        {
            "key": p.key,
            "name": p.name,
            "email": p.email,
            "organization": names.get(p.held[0][1] or "", "") if p.held else "",
        }
        for p in PEOPLE
    ]
    settings.DEMO_PEOPLE.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
