"""The application for ``scoreport serve``: the one for WSGI servers, behind limits for slow and greedy clients."""

import os
from typing import Final

from django.conf import settings

from scoreport.wsgi import application as pages  # which sets Django up, so it comes first

# isort: split
from scoreport.web.server.application import Front
from scoreport.web.server.limits import Limits

# No more than a process gets connections to PostgreSQL (lib.database_url), so that none waits for one.
THREADS: Final = min(8, 2 * (os.process_cpu_count() or 1) + 1)

application = Front(
    pages,
    Limits(
        seconds=settings.CLIENT_TIMEOUT_SECONDS,
        upload_rate=settings.UPLOAD_BYTES_PER_SECOND,
        requests_per_address=settings.REQUESTS_PER_ADDRESS,
        trust_proxy=settings.TRUST_PROXY,
        temp_dir=settings.FILE_UPLOAD_TEMP_DIR,
    ),
    threads=THREADS,
)
