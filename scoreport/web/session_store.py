"""Django's sessions in the database, read together with the person whose they are: one question for each page."""

from typing import Any

from django.contrib.sessions.backends import db

from scoreport.lib import clock
from scoreport.organizations.queries import SessionPerson, stored_session


class SessionStore(db.SessionStore):
    """A session, and after it was read the person who is listed with it. The same data and the same cookie."""

    person: SessionPerson | None = None

    def load(self) -> dict[str, Any]:
        """Return what is stored, or nothing when the session has ended."""
        found = stored_session(self.session_key or "", at=clock.now())
        if found is None:
            self._session_key = None
            return {}
        self.person = found.person
        stored: dict[str, Any] = self.decode(found.data)
        return stored
