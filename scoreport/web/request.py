"""The request as our views get it: who asks and when are settled already."""

import datetime as dt

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from scoreport.access import Actor
from scoreport.organizations.rules.support import SupportInfo


class ScoreportRequest(HttpRequest):
    """What the middleware adds to Django's request; only annotations, nothing runs here.

    ``at`` is the one instant of the request: everything in it is decided as of that moment.
    """

    actor: Actor
    at: dt.datetime
    htmx: HtmxDetails
    # What one of the program staff looks through; None for everybody else.
    support: SupportInfo | None
