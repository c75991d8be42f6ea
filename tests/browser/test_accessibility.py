"""What axe is asked for: a fault is reported, also on a page whose like was clean before."""

import pytest

from tests.browser.accessibility import violations

pytestmark = pytest.mark.browser

PAGE = "<!doctype html><html lang=en><title>A page</title><main><h1>A page</h1><button{}>{}</button></main></html>"


def test_a_planted_fault_is_reported_beside_a_clean_page(visitor):
    page = visitor(None).page
    page.set_content(PAGE.format("", "Press"))
    assert violations(page) == []
    page.set_content(PAGE.format("", "Press again"))
    assert violations(page) == []
    page.set_content(PAGE.format("", ""))
    assert [problem.partition(":")[0] for problem in violations(page)] == ["button-name"]
    page.set_content(PAGE.format(" style='color: #ddd; background: #eee'", "Press"))
    assert [problem.partition(":")[0] for problem in violations(page)] == ["color-contrast"]
