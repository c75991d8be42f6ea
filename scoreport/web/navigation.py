"""What an actor may open, as data: the dashboard's cards and the header's tools.

A tool is listed here once, with the permission that opens it; whoever has no permission anywhere does not
see the card. The pages themselves check again, at their own organization.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.web.routes import path_of


@dataclass(frozen=True, slots=True)
class Tool:
    """A card on the dashboard and an entry of the main navigation."""

    key: str
    title: str | Promise
    short_title: str | Promise
    description: str | Promise
    icon: str
    url_name: str
    opened_by: frozenset[Permission]

    @property
    def url(self) -> str:
        """Where the card leads."""
        return path_of(self.url_name)


@dataclass(frozen=True, slots=True)
class NavItem:
    """One link of the header."""

    title: str | Promise
    url: str
    current: bool
    exact: bool


TOOLS: tuple[Tool, ...] = (
    Tool(
        key="score-reports",
        title=_("Score reports"),
        short_title=_("Score reports"),
        description=_(
            "Open the CLEP report of your school, district or state: totals, results by exam, and the roster"
            " where your role includes it."
        ),
        icon="report",
        url_name="score_reports",
        opened_by=frozenset({Permission.SCORES_ROSTER_READ, Permission.SCORES_SUMMARY_READ}),
    ),
    Tool(
        key="managing-access",
        title=_("Managing access"),
        short_title=_("Managing access"),
        description=_(
            "See who has access to your institution; assign, renew and revoke roles, answer requests, and review"
            " everybody once a year."
        ),
        icon="key",
        url_name="managing",
        opened_by=frozenset({Permission.ACCESS_READ}),
    ),
    Tool(
        key="missing-scores",
        title=_("Missing scores"),
        short_title=_("Missing scores"),
        description=_(
            "Find out where a score is that your report does not show, and claim a test that belongs to your school."
        ),
        icon="search",
        url_name="missing_scores",
        opened_by=frozenset({Permission.SCORES_CLAIM, Permission.SCORES_CLAIM_DECIDE}),
    ),
    Tool(
        key="exam-vouchers",
        title=_("Exam vouchers"),
        short_title=_("Vouchers"),
        description=_(
            "Order vouchers that pay CLEP exam fees for your students, download their codes, and see what you ordered."
        ),
        icon="file",
        url_name="vouchers",
        opened_by=frozenset({Permission.VOUCHERS_READ}),
    ),
    Tool(
        key="program-desk",
        title=_("Program desk"),
        short_title=_("Program desk"),
        description=_("Load score files, read what is wrong with them, accept them, and see what waits for release."),
        icon="desk",
        url_name="desk",
        opened_by=frozenset({Permission.SCORES_FILE_HANDLE}),
    ),
    Tool(
        key="access-codes",
        title=_("Access codes"),
        short_title=_("Access codes"),
        description=_("Let the first access manager of an institution in, and answer who asks for a code."),
        icon="key",
        url_name="access_codes",
        opened_by=frozenset({Permission.ACCESS_CODE_ISSUE}),
    ),
    Tool(
        key="matching",
        title=_("Student matching"),
        short_title=_("Matching"),
        description=_("Decide which records belong to one student where the files leave it open."),
        icon="person",
        url_name="matching",
        opened_by=frozenset({Permission.PEOPLE_MATCH}),
    ),
    Tool(
        key="help-requests",
        title=_("Requests for help"),
        short_title=_("Requests"),
        description=_("Answer what people ask, in order of the day on which they are to have an answer."),
        icon="help",
        url_name="desk_requests",
        opened_by=frozenset({Permission.HELP_ANSWER}),
    ),
)


def tools_for(actor: Actor) -> list[Tool]:
    """Return the tools that ``actor`` may open somewhere."""
    return [tool for tool in TOOLS if any(access.can(actor, permission) for permission in tool.opened_by)]


def nav_for(actor: Actor, path: str) -> list[NavItem]:
    """Return the header's links; the one whose pages ``path`` belongs to is current."""
    home = path_of("dashboard")
    tools = tools_for(actor)
    # A tool may lie below another one; the page belongs to the nearest.
    nearest = max((tool.url for tool in tools if path.startswith(tool.url)), key=len, default="")
    items = [NavItem(title=_("Dashboard"), url=home, current=path == home, exact=True)]
    items += [
        NavItem(title=tool.short_title, url=tool.url, current=tool.url == nearest, exact=path == tool.url)
        for tool in tools
    ]
    return items
