"""Which program has which report, and what is meant where something stored names no program."""

from collections.abc import Mapping
from typing import Final

from scoreport.programs import catalog
from scoreport.reports.rules.clep import CLEP_REPORT
from scoreport.reports.rules.definition import ReportDefinition

DEFINITIONS: Final[dict[str, ReportDefinition]] = {CLEP_REPORT.program.slug: CLEP_REPORT}


def definition_of(program: str) -> ReportDefinition:
    """Return the report of a program. Raises :class:`scoreport.programs.catalog.UnknownProgram`."""
    try:
        return DEFINITIONS[catalog.program(program).slug]
    except KeyError:
        raise catalog.UnknownProgram(program) from None


def definitions() -> tuple[ReportDefinition, ...]:
    """Return the reports of all programs, in the order of the catalog."""
    return tuple(DEFINITIONS[known.slug] for known in catalog.PROGRAMS if known.slug in DEFINITIONS)


def with_program(text: str, program: str) -> str:
    """Return a text about a roster with the name of its program behind it, where there are several programs."""
    known = definitions()
    if len(known) <= 1:
        return text
    names = {definition.program.slug: definition.program.name for definition in known}
    return f"{text}, {names.get(program, program)}"


def program_of_stored(stored: Mapping[str, object]) -> str:
    """Return the program that stored parameters mean: the first one where they are older than the second program.

    Saved views, files in preparation, approvals and events say nothing of a program before version 0.4.
    """
    named = stored.get("program")
    return named if isinstance(named, str) and named else first_program()


def first_program() -> str:
    """Return the short name of the first program of the catalog."""
    return catalog.PROGRAMS[0].slug
