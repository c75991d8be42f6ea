"""One address, one page: htmx gets the part that it will replace, everybody else gets the whole."""

from scoreport.web.request import ScoreportRequest


def part_of(request: ScoreportRequest) -> str:
    """Return the id of the element that htmx will replace; nothing when the whole page is wanted.

    Going back in the browser's history wants the page, whatever was replaced before.
    """
    htmx = request.htmx
    if not htmx or htmx.history_restore_request:
        return ""
    return htmx.target or ""
