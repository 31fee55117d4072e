"""The test client: runs on-commit callbacks, refuses inline handlers and leftovers of templates."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client, TestCase

INLINE = re.compile(r"""<[^>]+\s(on[a-z]+|style)\s*=""", re.I)


class OfficeClient(Client):
    """Every HTML answer is checked: no inline handler or style, no ``{{`` left over, a form that posts has a token."""

    def request(self, **request: Any) -> Any:
        with TestCase.captureOnCommitCallbacks(execute=True):
            response = super().request(**request)
        kind = response.headers.get("Content-Type", "")
        if kind.startswith("text/html") and not response.streaming:
            text = response.content.decode()
            found = INLINE.search(re.sub(r"<(textarea|title)[\s\S]*?</\1>", "", text))
            assert not found, f"inline handler or style: {found.group(0)[:200]}"
            assert "{{" not in text and "{%" not in text, "a template left its marks in the page"
            for form in re.findall(r"<form\b[^>]*>[\s\S]*?</form>", text):
                if re.search(r'method="?post', form[:400], re.I):
                    assert "csrfmiddlewaretoken" in form, f"a form without a token: {form[:200]}"
        return response
