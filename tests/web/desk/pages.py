"""What the tests of the desk ask of its pages."""

import csv
import datetime as dt
import io
import re
from html import unescape

from django.core.files.uploadedfile import SimpleUploadedFile

from scoreport.approvals import actions as approvals
from scoreport.approvals.models import Approval
from tests.scores.files import row, text
from tests.world import AT, OPERATOR

FIRST_DAY = dt.date(2000, 1, 1)


def upload(client, *contents: bytes, name: str = "scores.csv", **more):
    """Send files as the form does."""
    files = [SimpleUploadedFile(name, content, content_type="text/csv") for content in contents]
    return client.post("/desk/upload/", {"program": "clep", "uploads": files}, **more)


def plain(response) -> str:
    """Return the words of a page, in one line."""
    body = re.sub(r"(?s)<(script|style).*?</\1>", " ", response.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def table(response) -> list[list[str]]:
    """Return the cells of the first table of a page, without its header."""
    body = re.search(r"(?s)<tbody.*?</tbody>", response.content.decode())
    assert body, "the page has no table"
    found = re.findall(r"(?s)<tr.*?</tr>", body[0])
    cells = [re.findall(r"(?s)<t[hd][^>]*>(.*?)</t[hd]>", line) for line in found]
    return [[" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in line] for line in cells]


def csv_of(response) -> list[list[str]]:
    """Return the rows of a CSV answer, header first."""
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(response.getvalue().decode())))


def rows_of(count: int, **cells: str) -> bytes:
    """Return a file of that many good rows, each of a student who was born on another day."""
    days = (FIRST_DAY + dt.timedelta(days=n % 6000) for n in range(count))
    named = ({"last_name": f"Lopez {n:04}", "date_of_birth": day.isoformat()} for n, day in enumerate(days))
    return text(*(row(f"T{n:04}", **{**own, **cells}) for n, own in enumerate(named)))


def approve_all(*, at=AT) -> None:
    """Let the operator approve whatever waits for a second person."""
    for number in Approval.objects.filter(state="open").values_list("pk", flat=True):
        approvals.approve(OPERATOR, approval_id=number, at=at)


def whole_list(client, number: int, kind: str) -> list[list[str]]:
    """Ask for a whole list, have it approved, and return what is downloaded."""
    address = f"/desk/files/{number}/{kind}/whole/"
    assert client.post(address, {"reason": "The sender asked for it."}).url == address
    approve_all()
    return csv_of(client.post(address))
