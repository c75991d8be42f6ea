"""Files on disk, staging tables, states and the audit trail: what stands around the scores."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoreport.audit import anchors
from scoreport.audit import queries as audit
from scoreport.audit.rules import Break, Verb
from scoreport.downloads import files as prepared
from scoreport.downloads.models import Download
from scoreport.downloads.rules import DownloadState
from scoreport.imports import received, staging
from scoreport.imports.diff import staged_rows
from scoreport.imports.models import ImportFile, RejectedRow
from scoreport.imports.rules import HELD, FileState
from scoreport.imports.target import target_of
from scoreport.lib.invariants import Check, CheckReport, Finding
from scoreport.lib.storage import Storage, StorageUnavailable
from scoreport.organizations.models import Organization
from scoreport.organizations.rules import PARENT_KINDS, lineage_text

# What lies around for less than this may belong to an upload that is under way.
_LITTER_AFTER: Final = timedelta(days=1)
_UNAVAILABLE: Final = gettext_lazy("The files cannot be looked at: %(reason)s")
_STAGED: Final = frozenset({FileState.CHECKING, FileState.CHECKED, FileState.ACCEPTING})
_TAKEN: Final = frozenset(
    {FileState.CHECKED, FileState.ACCEPTING, FileState.ACCEPTED, FileState.UNDOING, FileState.UNDONE}
)


def states(_at: datetime) -> Iterator[Finding]:
    """Check that what is noted of each file fits its state and its counts."""
    report = CheckReport(_("What is noted of each score file fits its state, and its counts add up"))
    rejected = RejectedRow.objects.exclude(cause__in=HELD)
    refused = dict(rejected.values_list("file_id").annotate(n=Count("line", distinct=True)).order_by())
    for file in ImportFile.objects.order_by("pk"):
        state = FileState(file.state)
        was_accepted = state in {FileState.ACCEPTED, FileState.UNDOING, FileState.UNDONE}
        fits = (file.accepted_at is not None) == was_accepted
        report.expect("file %d: %s, accepted at %s", file.pk, state, file.accepted_at, holds=fits)
        if (file.undone_at is not None) != (state is FileState.UNDONE):
            report.deviate(f"file {file.pk}: {state}, undone at {file.undone_at}")
        if state in _TAKEN:
            rows = staged_rows(file) + file.rows_refused
            if rows != file.rows_total:
                report.deviate(f"file {file.pk}: {rows} rows of {file.rows_total}")
            if refused.get(file.pk, 0) != file.rows_refused:
                report.deviate(f"file {file.pk}: {refused.get(file.pk, 0)} refused rows of {file.rows_refused}")
    yield report.finding()


def staged(_at: datetime) -> Iterator[Finding]:
    """Check that every checked file has its staged rows, and no other file any."""
    report = CheckReport(_("Checked files have their rows staged, other files none"))
    present = set(staging.present())
    for file in ImportFile.objects.filter(pk__in=present).exclude(state__in=_STAGED):
        report.deviate(f"file {file.pk}: staged rows of a file that is {file.state}")
    for file in ImportFile.objects.filter(state=FileState.CHECKED.value):
        rows = staging.count(file.pk)
        wanted = staged_rows(file)
        report.expect("file %d: %d rows staged of %d; check it again", file.pk, rows, wanted, holds=rows == wanted)
    known = set(ImportFile.objects.filter(pk__in=present).values_list("pk", flat=True))
    for file_id in sorted(present - known):
        report.deviate(f"staged rows of file {file_id}, which does not exist")
    yield report.finding()


def kept_files(at: datetime) -> Iterator[Finding]:
    """Check that every received file is in the storage as it came, and nothing else is."""
    report = CheckReport(_("Received files are in the storage as they came, and nothing else is"))
    files, known = received.received(), set[str]()
    try:
        for path, digest, size in _files_with_bytes():
            known.add(path)
            report.expect("%s: missing, or not as it came", path, holds=_digest(files, path) == (digest, size))
        _expect_no_litter(report, _("%(name)s: no file in the list belongs to it"), files, known, at)
    except StorageUnavailable as error:
        report.deviate(_UNAVAILABLE % {"reason": error.strerror})
    yield report.finding()


def _files_with_bytes() -> Iterator[tuple[str, str, int]]:
    """Yield path, SHA-256 and size of the received files; what an update found on file has no bytes."""
    files = ImportFile.objects.exclude(path="").values_list("path", "sha256", "size")
    yield from files.distinct().order_by("path")


def prepared_files(at: datetime) -> Iterator[Finding]:
    """Check that every prepared file that can be fetched is in the storage, and nothing else is."""
    report = CheckReport(_("Prepared downloads are in the storage until they expire, and nothing else is"))
    files, known = prepared.prepared(), set[str]()
    ready = Download.objects.filter(state=DownloadState.READY)
    try:
        for pk, path, size in ready.values_list("pk", "path", "size"):
            known.add(path)
            report.expect("download %d: missing, or not as it was made", pk, holds=files.size(path) == size)
        _expect_no_litter(report, _("%(name)s: no download in the list belongs to it"), files, known, at)
    except StorageUnavailable as error:
        report.deviate(_UNAVAILABLE % {"reason": error.strerror})
    yield report.finding()


def _expect_no_litter(report: CheckReport, sentence: str, files: Storage, known: set[str], at: datetime) -> None:
    for litter in files.older_than(at - _LITTER_AFTER):
        if litter.name not in known:
            report.deviate(sentence % {"name": litter.name})


def _digest(files: Storage, name: str) -> tuple[str, int]:
    """Return the SHA-256 and the size of a file; nothing and 0 when there is none."""
    digest, size = hashlib.sha256(), 0
    try:
        with files.read(name) as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
    except FileNotFoundError:
        return "", 0
    return digest.hexdigest(), size


def audit_trail(_at: datetime) -> Iterator[Finding]:
    """Check that the chain of events is whole."""
    report = CheckReport(_("The chain of recorded events is unbroken"))
    report.checked = audit.count()
    for link in audit.broken_links():
        report.deviate(_BREAKS[link.reason] % {"event": link.event_id, "before": link.before_id or 0})
    yield report.finding()


_BREAKS: Final = {
    Break.DIGEST: gettext_lazy("Event %(event)d does not follow from event %(before)d: one was changed or is missing."),
    Break.KEY: gettext_lazy("Event %(event)d was recorded with a key that is not in AUDIT_KEY or AUDIT_KEY_FALLBACKS."),
    Break.SCHEME: gettext_lazy("Event %(event)d has no key, although event %(before)d before it has one."),
}


def anchored(_at: datetime, copy: Path | None = None) -> Iterator[Finding]:
    """Check that the events fit the anchors that were written outside the database; ``copy`` is a file of more."""
    report = CheckReport(_("The recorded events fit their anchors outside the database"))
    files = []
    for path in [settings.AUDIT_ANCHORS, *([copy] if copy else [])]:
        try:
            files.append(anchors.read(path))
        except OSError as error:
            report.deviate(_("%(path)s cannot be read: %(reason)s") % {"path": path, "reason": error.strerror})
    if settings.ANCHORS_IN_S3 is not None:
        place = settings.ANCHORS_IN_S3
        try:
            files.append(anchors.read_storage(place))
        except OSError as error:
            report.deviate(_("%(path)s cannot be read: %(reason)s") % {"path": place.label, "reason": error.strerror})
    void = anchors.void_in(*files)
    for file in files:
        report.checked += len(file.anchors)
        for deviation in anchors.deviations(file, is_ours=file.path == settings.AUDIT_ANCHORS, void=void):
            report.deviate(deviation.sentence)
        for restore in anchors.restores(file.anchors):
            message = _(
                "A restored backup was accepted at %(at)s: anchors of events after event %(since)d were set aside, so"
                " it is not proven what they were."
            )
            report.note(message % {"at": restore.at.isoformat(timespec="minutes"), "since": restore.since})
    yield report.finding()


def acts_recorded(_at: datetime) -> Iterator[Finding]:
    """Check that every acceptance and every undo was recorded, once."""
    report = CheckReport(_("Every acceptance and every undo of a file was recorded"))
    for file in ImportFile.objects.exclude(accepted_at=None).exclude(path="").order_by("pk"):
        kind = target_of(file.kind, file.program).subject_kind
        for verb, wanted in ((Verb.FILE_ACCEPTED, 1), (Verb.FILE_UNDONE, int(file.undone_at is not None))):
            recorded = len(audit.events_of(verb=verb.value, subject_kind=kind, subject=str(file.pk)))
            report.expect("file %d: %s recorded %d times", file.pk, verb.value, recorded, holds=recorded == wanted)
    yield report.finding()


def tree(_at: datetime) -> Iterator[Finding]:
    """Check that each organization stands where its parent says."""
    report = CheckReport(_("Organizations form a tree, and each knows what stands above it"))
    for row in Organization.objects.select_related("parent").order_by("pk").iterator(chunk_size=2_000):
        above = row.parent
        lineage = lineage_text((*(above.info.lineage if above else ()), row.pk))
        fits = above is None or above.kind in PARENT_KINDS[row.info.kind]
        report.expect("%s: %s", row.code, row.lineage, holds=row.lineage == lineage and fits)
    yield report.finding()


CHECKS: Final[tuple[Check, ...]] = (
    tree,
    states,
    staged,
    kept_files,
    prepared_files,
    acts_recorded,
    audit_trail,
    anchored,
)
