"""Who is signed in, from what was read with the session."""

from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from scoreport.organizations.queries import SessionPerson


class PersonMiddleware(AuthenticationMiddleware):
    """Django's own, but that a person who was read with the session is not read again."""

    def process_request(self, request: HttpRequest) -> None:
        """Give the request its person, who is looked up when first used."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user(request))  # type: ignore[assignment]  # as Django does itself


def person_of(request: HttpRequest) -> SessionPerson | None:
    """Return the person who was read with the session; whether they are signed in is for ``request.user`` to say."""
    person = getattr(request.session, "person", None)
    return person if isinstance(person, SessionPerson) else None


def _user(request: Any) -> Any:
    """Return the person, or whom Django makes of the session where anything does not fit: ended, suspended, unknown."""
    if not hasattr(request, "_cached_user"):
        # Reading the session reads the person.
        session = request.session
        claimed = session.get(auth.SESSION_KEY)
        person = person_of(request)
        if (
            person is not None
            and claimed == str(person.user.pk)
            and person.user.is_active
            and session.get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
            and constant_time_compare(session.get(auth.HASH_SESSION_KEY, ""), person.user.get_session_auth_hash())
        ):
            request._cached_user = person.user  # noqa: SLF001 - Django's own name
        else:
            request._cached_user = auth.get_user(request)  # noqa: SLF001 - Django's own name
    return request._cached_user  # noqa: SLF001 - Django's own name
