"""The application for ``scoreport serve``: the one for WSGI servers, behind limits for slow and greedy clients."""

from typing import Final

from django.conf import settings

from scoreport.wsgi import application as pages  # which sets Django up, so it comes first

# isort: split
from scoreport.web.server.application import Front
from scoreport.web.server.limits import Limits

# Few, so that each page is made quickly; a process has more connections to PostgreSQL (lib.database_url) than these.
THREADS: Final = 4

application = Front(
    pages,
    Limits(
        seconds=settings.CLIENT_TIMEOUT_SECONDS,
        upload_rate=settings.UPLOAD_BYTES_PER_SECOND,
        requests_per_address=settings.REQUESTS_PER_ADDRESS,
        trust_proxy=settings.TRUST_PROXY,
        temp_dir=settings.FILE_UPLOAD_TEMP_DIR,
        requests_waiting=settings.REQUESTS_WAITING,
    ),
    threads=THREADS,
)
