"""What ``scoreport verify`` finds, beside the anchor that an installation has since its setup."""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction
from django.test import override_settings

from scoreport.audit.actions import write_anchor
from scoreport.lib.invariants import Finding
from scoreport.scores.verify import verify
from tests.world import AT, OPERATOR


def verified() -> list[Finding]:
    """Return what each check finds; the anchor is of the events of now, and is gone afterwards."""
    with (
        TemporaryDirectory() as folder,
        override_settings(AUDIT_ANCHORS=Path(folder) / "anchors.jsonl"),
        transaction.atomic(),
    ):
        write_anchor(OPERATOR, at=AT)
        found = list(verify(at=AT, progress=lambda _count: None))
        transaction.set_rollback(True)
    return found
