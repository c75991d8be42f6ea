"""Terms and conditions: which version is the present one; pure."""

from typing import Final

VERSION: Final = "2026-11"
"""The version that is asked for; its text is the template ``legal/terms-<version>.html``.

Whoever changes the text gives it a new version and a template of its own: everybody who manages access is then asked
again, and what was accepted before stays readable.
"""
