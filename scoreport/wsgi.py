"""The application for WSGI servers (granian in ``scoreport serve``)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scoreport.settings")

application = get_wsgi_application()

from scoreport.web import local_only  # noqa: E402 - it looks into the database, so Django is set up first

# Whatever server loads this: a demo, or error pages of development, are for this machine and made-up people only.
local_only.require()
