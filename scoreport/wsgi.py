"""The application for WSGI servers (granian in ``scoreport serve``)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scoreport.settings")

application = get_wsgi_application()
