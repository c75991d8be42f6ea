"""Where an organization's report is, for pages that are not of one program; and which program a person saw last."""

from typing import Final

from django.http import HttpRequest

from scoreport.reports.rules import definitions, first_program
from scoreport.web.routes import path_of

_LAST_PROGRAM: Final = "scoreport_program"


def report_path(address: str, program: str = "") -> str:
    """Return the path of an organization's report of the running year: of a program, or else of the first one."""
    return path_of("report_now", program or first_program(), address)


def last_program(request: HttpRequest) -> str:
    """Return the program whose report the person saw last in this session, or else the first one."""
    kept = request.session.get(_LAST_PROGRAM)
    return kept if kept in {known.program.slug for known in definitions()} else first_program()


def remember_program(request: HttpRequest, program: str) -> None:
    """Keep in the session which program's report the person sees; nothing is written while it is the same."""
    if last_program(request) != program:
        request.session[_LAST_PROGRAM] = program
