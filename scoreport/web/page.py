"""What pages are made of besides their own content: the header's data and the models of the components.

``common`` is a context processor: every page gets ``chrome`` (header, footer, session), also those of
allauth. A view that knows which organization and academic year it shows says so with :func:`render`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as django_render
from django.template.backends.utils import csrf_input
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from scoreport.access import ANONYMOUS, Actor, Permission
from scoreport.lib.clock import zone
from scoreport.organizations.queries import highest_organizations
from scoreport.organizations.rules import OrganizationInfo
from scoreport.web import banner, navigation
from scoreport.web.articles import slug_for
from scoreport.web.report_paths import last_program, report_path
from scoreport.web.routes import path_of

# The warning comes this long before the session ends for want of use (WCAG 2.2.1 asks for 20 seconds or more).
WARN_SECONDS = 120
# The header offers this many organizations; the others are found by search.
OFFERED = 8
LAST_ORGANIZATION = "scoreport_organization"
# So many links stand in the line of a wide header; program staff have more tools than fit there.
IN_LINE = 4
IN_LINE_BESIDE_YEARS = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """An organization or an academic year that the header offers."""

    name: str
    url: str
    current: bool = False
    detail: str = ""
    # An organization's ``OrganizationInfo.address``, so that other pages still know which one was chosen last.
    key: str = ""
    # An organization's, in which its pages write times of day.
    time_zone: str = ""

    @property
    def label(self) -> str:
        """Years are labels, organizations are names."""
        return self.name


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who the account menu is for."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Session:
    """When a session that is not used ends, and the address that keeps it alive."""

    idle_seconds: int
    warn_seconds: int
    stay_url: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the big numbers above a report; ``value`` is written already."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    trend: Literal["", "up", "down", "same"] = ""
    trend_text: str = ""
    help: str = ""
    main: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; without ``url`` it cannot be sorted by."""

    label: str
    url: str = ""
    direction: Literal["", "ascending", "descending"] = ""
    numeric: bool = False
    css_class: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """Long work as a row that polls itself (components/job.html)."""

    id: int | str
    title: str
    state: Literal["preparing", "ready", "expired", "failed"]
    poll_url: str = ""
    done: int = 0
    total: int | None = None
    url: str = ""
    size: int = 0
    expires_at: datetime | None = None
    reason: str = ""
    retry_url: str = ""


@dataclass(frozen=True, slots=True)
class PageLink:
    """A number of the pager; an ellipsis has no ``url``."""

    label: str
    url: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    """Where a list stands: ``first``–``last`` of ``total``, and the pages around."""

    first: int
    last: int
    total: int
    number: int
    pages: int
    previous_url: str
    next_url: str
    links: tuple[PageLink, ...]


def pager(request: HttpRequest, *, number: int, size: int, total: int, parameter: str = "page") -> Pager:
    """Describe page ``number`` (from 1) of a list; links keep the rest of the query string."""
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)

    def address(target: int) -> str:
        query = request.GET.copy()
        query[parameter] = str(target)
        return f"?{query.urlencode()}"

    links = tuple(
        PageLink(label=str(n), url=address(n), current=n == number) if n else PageLink(label="…")
        for n in _shown_pages(number, pages)
    )
    return Pager(
        first=min((number - 1) * size + 1, total),
        last=min(number * size, total),
        total=total,
        number=number,
        pages=pages,
        previous_url=address(number - 1) if number > 1 else "",
        next_url=address(number + 1) if number < pages else "",
        links=links,
    )


def _shown_pages(number: int, pages: int) -> Iterable[int]:
    """Yield the first, the last and the neighbours of ``number``; 0 stands for a gap."""
    shown = sorted({1, pages, *range(max(1, number - 1), min(pages, number + 1) + 1)})
    before = 0
    for n in shown:
        if n == before + 2:
            yield n - 1
        elif n > before + 1:
            yield 0
        yield n
        before = n


class Chrome:
    """Header, footer and session of one page; everything is worked out when a template asks for it."""

    years: Sequence[Choice] = ()
    find_url: str = ""
    """Where the organizations of the view's own tool are found; empty for those of reports."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._given: Sequence[Choice] = ()
        self._chosen: Choice | None = None

    def offer(self, organizations: Sequence[Choice], chosen: Choice | None, years: Sequence[Choice]) -> None:
        """Fill the switches with what a view knows, and keep the organization in mind for pages that know none."""
        self._given = organizations
        self._chosen = chosen or next((choice for choice in organizations if choice.current), None)
        self.years = years
        if self._chosen and self._chosen.time_zone:
            timezone.activate(zone(self._chosen.time_zone))
        if self._chosen and self._chosen.key and self._request.session.get(LAST_ORGANIZATION) != self._chosen.key:
            self._request.session[LAST_ORGANIZATION] = self._chosen.key

    @property
    def organization(self) -> Choice | None:
        """The organization of this page, or else the one that was chosen last."""
        return self._chosen or next((choice for choice in self.organizations if choice.current), None)

    @cached_property
    def organizations(self) -> Sequence[Choice]:
        """The organizations that the header offers: the view's own, or the first that the person has a report of."""
        if self._given or self.person is None:
            return self._given
        last = self._request.session.get(LAST_ORGANIZATION, "")
        found = highest_organizations(self.actor, permission=Permission.SCORES_SUMMARY_READ, most=OFFERED)
        return [self._report_of(info, is_current=len(found) == 1 or info.address == last) for info in found]

    def _report_of(self, info: OrganizationInfo, *, is_current: bool) -> Choice:
        url = report_path(info.address, last_program(self._request))
        return Choice(name=info.name, url=url, current=is_current, detail=info.label, key=info.address)

    @cached_property
    def actor(self) -> Actor:
        """Who looks at the page; nobody on pages that need no sign-in."""
        return getattr(self._request, "actor", ANONYMOUS)

    @cached_property
    def person(self) -> SignedIn | None:
        """The person of the account menu, if one is signed in."""
        user = getattr(self._request, "user", None)
        if user is None or not user.is_authenticated:
            return None
        return SignedIn(name=str(user), email=user.email)

    @cached_property
    def nav(self) -> list[navigation.NavItem]:
        """The header's tools; none before sign-in."""
        return navigation.nav_for(self.actor, self._request.path) if self.person else []

    @cached_property
    def support(self) -> list[banner.Banner]:
        """Who looks through support access, told to whoever looks and to those who manage access there."""
        at = getattr(self._request, "at", None)
        return banner.banners_for(self.actor, at) if self.person and at else []

    @property
    def nav_in_line(self) -> list[navigation.NavItem]:
        """The links that stand in the header's line: as many as fit beside the switches, in every language."""
        most = IN_LINE_BESIDE_YEARS if self.years else IN_LINE
        return self.nav if len(self.nav) <= most + 1 else self.nav[:most]

    @property
    def nav_more(self) -> list[navigation.NavItem]:
        """The links behind "More"; one alone would take no more room than that word."""
        return self.nav[len(self.nav_in_line) :]

    @property
    def home_url(self) -> str:
        """Where the brand leads."""
        return path_of("dashboard")

    @property
    def help_url(self) -> str:
        """The help text of the tool that the page belongs to, or else all of them."""
        match = self._request.resolver_match
        slug = slug_for(match.url_name or "", match.kwargs.get("program", "")) if match else ""
        return path_of("help_article", slug) if slug else path_of("help")

    @property
    def here(self) -> str:
        """The page itself, to come back to after switching the language; a form's target has no page."""
        return self._request.get_full_path() if self._request.method == "GET" else self._request.path

    @property
    def year_label(self) -> str:
        """The chosen academic year, or what stands for several."""
        return next((year.label for year in self.years if year.current), "–")

    @property
    def organization_search_url(self) -> str:
        """The page that finds any organization of the person; none for those who have only one."""
        return (self.find_url or path_of("organization_search")) if len(self.organizations) > 1 else ""

    @property
    def session(self) -> Session | None:
        """The idle limit of a signed-in session."""
        if self.person is None:
            return None
        return Session(
            idle_seconds=settings.SESSION_IDLE_MINUTES * 60,
            warn_seconds=WARN_SECONDS,
            stay_url=path_of("session_stay"),
        )


def choice_of(info: OrganizationInfo, url_name: str) -> Choice:
    """Return what the header says of the organization that a page is about."""
    url = path_of(url_name, info.address)
    return Choice(info.name, url, current=True, detail=info.label, time_zone=info.time_zone)


def chrome_of(request: HttpRequest) -> Chrome:
    """Return the request's :class:`Chrome`, the same one for the view and for the template."""
    chrome = getattr(request, "chrome", None)
    if not isinstance(chrome, Chrome):
        chrome = Chrome(request)
        request.chrome = chrome  # type: ignore[attr-defined]  # only here, so that a request has one
    return chrome


def common(request: HttpRequest) -> dict[str, Any]:
    """Give every template ``chrome``, and the form's token, which is masked once for all forms of a page."""
    return {"chrome": chrome_of(request), "csrf_input": SimpleLazyObject(lambda: csrf_input(request))}


def render(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    organization: Choice | None = None,
    organizations: Sequence[Choice] = (),
    years: Sequence[Choice] = (),
    status: int = 200,
) -> HttpResponse:
    """Answer with a page; ``organization`` and ``years`` fill the header's switches."""
    chrome_of(request).offer(organizations, organization, years)
    return django_render(request, template, dict(context or {}), status=status)
