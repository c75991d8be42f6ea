"""Accept, check again, discard, undo: each says on a page of its own what it will do, and does it by POST."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scoreport.access import Permission
from scoreport.imports.problems import RepairKind
from scoreport.imports.rules import FileState, may_move
from scoreport.imports.run import NotPossibleNow
from scoreport.scores import actions, files
from scoreport.scores.files import FileInfo
from scoreport.web import page
from scoreport.web.desk import effects, words
from scoreport.web.desk.forms import RepairForm
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

_METHODS = ["GET", "HEAD", "POST"]


@rule(Permission.SCORES_FILE_HANDLE)
@require_http_methods(_METHODS)
def accept(request: ScoreportRequest, file_id: int) -> HttpResponse:
    """Have a checked file stored."""
    info = files.file(request.actor, file_id)
    if request.method == "POST":
        also = set(request.POST.getlist("also"))
        return _do(
            request,
            info,
            lambda: actions.accept_file(
                request.actor, file_id=info.id, reverting="reverting" in also, doubles="doubles" in also
            ),
        )
    return _confirm(
        request,
        info,
        to=FileState.ACCEPTING,
        title=_("Accept this file?"),
        # With boxes to tick, how many rows are stored is not yet known.
        label=_("Accept") if info.held else _("Accept %(rows)s") % {"rows": words.rows(info.taken)},
        sentences=[*effects.same_bytes(files.twin_of(request.actor, info)), *effects.accepting(info)],
        choices=effects.choices(info),
    )


@rule(Permission.SCORES_FILE_HANDLE)
@require_http_methods(_METHODS)
def check_again(request: ScoreportRequest, file_id: int) -> HttpResponse:
    """Have a file checked anew."""
    info = files.file(request.actor, file_id)
    if request.method == "POST":
        return _do(request, info, lambda: actions.check_again(request.actor, file_id=info.id))
    return _confirm(
        request,
        info,
        to=FileState.CHECKING,
        title=_("Check this file again?"),
        label=_("Check again"),
        sentences=[_("The file is read again and compared with what is on file now. Nothing is stored by it.")],
    )


@rule(Permission.SCORES_FILE_HANDLE)
@require_POST
def repair(request: ScoreportRequest, file_id: int) -> HttpResponse:
    """Have a file read with a repair that its page offers."""
    info = files.file(request.actor, file_id)
    form = RepairForm(request.POST)
    if not form.is_valid():
        return HttpResponseRedirect(reverse("desk_file", args=[info.id]))
    kind = RepairKind(form.cleaned_data["kind"])
    return _do(request, info, lambda: actions.repair_file(request.actor, file_id=info.id, kind=kind, at=request.at))


@rule(Permission.SCORES_FILE_HANDLE)
@require_http_methods(_METHODS)
def discard(request: ScoreportRequest, file_id: int) -> HttpResponse:
    """Set a file aside."""
    info = files.file(request.actor, file_id)
    if request.method == "POST":
        return _do(request, info, lambda: actions.discard_file(request.actor, file_id=info.id, at=request.at))
    return _confirm(
        request,
        info,
        to=FileState.DISCARDED,
        title=_("Discard this file?"),
        label=_("Discard"),
        sentences=[
            _("Nothing of it is stored, and what is on file stays as it is."),
            _("To use it after all, upload it again."),
        ],
        danger=True,
    )


@rule(Permission.SCORES_FILE_HANDLE)
@require_http_methods(_METHODS)
def undo_file(request: ScoreportRequest, file_id: int) -> HttpResponse:
    """Have an accepted file undone."""
    info = files.file(request.actor, file_id)
    if request.method == "POST":
        return _do(request, info, lambda: actions.undo_file(request.actor, file_id=info.id))
    possible = may_move(info.state, FileState.UNDOING)
    return _confirm(
        request,
        info,
        to=FileState.UNDOING,
        title=_("Undo this file?"),
        label=_("Undo file"),
        sentences=effects.undo_preview(files.undo_preview(request.actor, info)) if possible else [],
        danger=True,
    )


def _do(request: ScoreportRequest, info: FileInfo, act: Callable[[], None]) -> HttpResponse:
    try:
        act()
    except NotPossibleNow:
        _tell_state(request, files.file(request.actor, info.id))
    return HttpResponseRedirect(reverse("desk_file", args=[info.id]))


def _tell_state(request: ScoreportRequest, info: FileInfo) -> None:
    message = _("This is not possible now: the file is in the state “%(state)s”.")
    messages.warning(request, message % {"state": words.state_label(info.state)})


def _confirm(
    request: ScoreportRequest,
    info: FileInfo,
    *,
    to: FileState,
    title: str,
    label: str,
    sentences: list[str],
    danger: bool = False,
    choices: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    """Ask; a file that cannot go there now sends back to its page, which says where it stands."""
    if not may_move(info.state, to):
        _tell_state(request, info)
        return HttpResponseRedirect(reverse("desk_file", args=[info.id]))
    context = {
        "info": info,
        "title": title,
        "label": label,
        "effects": sentences,
        "kind": "danger" if danger else "primary",
        "choices": choices or [],
    }
    return page.render(request, "desk/confirm.html", context)
