"""Every view says who may open it, on the line above it; a route that does not say so fails the tests.

``@rule(Permission.X)`` asks whether the actor has the permission anywhere at all. Whether they
have it *there* is asked again, with the place, by the query or action that the view calls.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from http import HTTPStatus
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase

from scoreport import access
from scoreport.access import Permission
from scoreport.organizations.actions.memberships import note_use
from scoreport.web.request import ScoreportRequest

View = Callable[..., HttpResponseBase]


class Audience(StrEnum):
    """Whom a view is for, besides those with a permission."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a view declares: an audience, or a permission that one needs somewhere."""

    name: str


ATTRIBUTE: Final = "scoreport_rule"


class _Declaration:
    """The decorator itself; one of it stands outermost on every view."""

    def __call__(self, permission: Permission) -> Callable[[View], View]:
        """Declare that a view is for whoever has ``permission`` anywhere; it raises NotAllowed for others."""

        def decorate(view: View) -> View:
            @wraps(view)
            def guarded(request: ScoreportRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
                access.require(request.actor, permission)
                response = view(request, *args, **kwargs)
                if response.status_code < HTTPStatus.BAD_REQUEST:
                    _note_use(request, permission, str(kwargs.get("address", "")))
                return response

            return _marked(guarded, Rule(permission.value))

        return decorate

    @staticmethod
    def signed_in(view: View) -> View:
        """Declare that a view is for everybody who has signed in, whatever their roles."""

        @wraps(view)
        def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs)

        return _marked(marked, Rule(Audience.SIGNED_IN.value))

    @staticmethod
    def public(view: View) -> View:
        """Declare that a view is for everybody; signing in is not asked for."""

        @wraps(view)
        def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs)

        return login_not_required(_marked(marked, Rule(Audience.PUBLIC.value)))


def _note_use(request: ScoreportRequest, permission: Permission, address: str) -> None:
    """Note that a page was opened; ``address`` is what every page of an organization calls its part of the URL.

    The page is ready by now: while a long write keeps the database, it is shown all the same.
    """
    with suppress(OperationalError):
        note_use(request.actor, permission=permission, organization=address, at=request.at)


def _marked(view: View, declared: Rule) -> View:
    setattr(view, ATTRIBUTE, declared)
    return view


rule = _Declaration()


def rule_of(view: Callable[..., object]) -> Rule | None:
    """Return what a view declares; None when it declares nothing."""
    declared = getattr(view, ATTRIBUTE, None)
    return declared if isinstance(declared, Rule) else None
