"""One roster table of fifty rows in Jinja2 and in Django's template language: for the record of that decision."""

import statistics
import time
from typing import Any, Final

from bench.child import Result
from bench.files import family_name, given_name, mixed
from scoreport.cli.demo.files import COLUMNS

_ROWS: Final = 50
_JINJA: Final = """
{%- macro cell(value, numeric=False) -%}
<td{% if numeric %} class="n"{% endif %}>{{ value }}</td>
{%- endmacro -%}
<table><thead><tr>{% for name in columns %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead><tbody>
{% for row in rows %}<tr>{% for value in row.cells %}{{ cell(value) }}{% endfor %}
{{ cell(row.score, numeric=True) }}</tr>{% endfor %}</tbody></table>
"""
_DJANGO: Final = """
<table><thead><tr>{% for name in columns %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead><tbody>
{% for row in rows %}<tr>{% for value in row.cells %}<td>{{ value }}</td>{% endfor %}
<td class="n">{{ row.score }}</td></tr>{% endfor %}</tbody></table>
"""
_WITH_PARTIAL: Final = """
{% partialdef cell %}<td{% if numeric %} class="n"{% endif %}>{{ value }}</td>{% endpartialdef %}
<table><thead><tr>{% for name in columns %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead><tbody>
{% for row in rows %}<tr>{% for value in row.cells %}{% partial cell %}{% endfor %}
<td class="n">{{ row.score }}</td></tr>{% endfor %}</tbody></table>
"""


def measure(tries: int) -> Result:
    """Render the same rows with both engines; milliseconds of the processor. Runs in the child."""
    from django.template import engines

    context = {"columns": COLUMNS[:15], "rows": [_row(number) for number in range(_ROWS)]}
    jinja, django = (
        next(e for e in engines.all() if type(e).__name__ == name) for name in ("Jinja2", "DjangoTemplates")
    )
    templates = {
        "Jinja2, a macro for each cell": jinja.from_string(_JINJA),
        "Django, cells written out": django.from_string(_DJANGO),
        "Django, a partial for each cell": django.from_string(_WITH_PARTIAL),
    }
    return {name: _milliseconds(template, context, tries) for name, template in templates.items()}


def _row(number: int) -> dict[str, Any]:
    who = mixed(number)
    return {
        "cells": [given_name(who), family_name(who >> 20), *(str(who >> n) for n in range(12))],
        "score": 20 + who % 61,
    }


def _milliseconds(template: Any, context: dict[str, Any], tries: int) -> float:
    times = []
    for _ in range(tries + 1):
        started = time.process_time()
        template.render(dict(context))
        times.append((time.process_time() - started) * 1000)
    return round(statistics.median(times[1:]), 2)
