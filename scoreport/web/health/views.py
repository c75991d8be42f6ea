"""Whether the process answers, and whether every part that people need works; no secrets and nobody's data."""

from http import HTTPStatus

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from scoreport.web.health import checks
from scoreport.web.rule import rule


@rule.public
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """Say that this process answers; no other part is asked."""
    return JsonResponse({"status": "ok"})


@rule.public
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Say of each part whether it works; 503 when one is down that people need."""
    report = checks.report()
    status = HTTPStatus.OK if report.is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"status": report.status, "checks": report.checks}, status=status)
