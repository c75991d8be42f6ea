"""What is stored sealed is read again by us, for its purpose, and by nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.lib.secrets import decrypt, encrypt


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_what_is_sealed_is_read_again(text, purpose):
    assert decrypt(encrypt(text, purpose), purpose) == text


def test_nothing_of_it_can_be_seen_and_no_two_are_alike():
    assert "JBSWY3DP" not in encrypt("JBSWY3DP", "totp")
    assert encrypt("JBSWY3DP", "totp") != encrypt("JBSWY3DP", "totp")


def test_it_opens_for_its_purpose_only_and_not_when_it_was_changed():
    sealed = encrypt("JBSWY3DP", "totp")
    for wrong, purpose in ((sealed, "report"), (sealed[:-2] + "A=", "totp"), ("", "totp"), ("JBSWY3DP", "totp")):
        with pytest.raises(ValueError, match="cannot be read"):
            decrypt(wrong, purpose)


def test_a_new_key_opens_what_the_old_one_sealed_while_that_is_kept(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old" * 20, []
    sealed = encrypt("JBSWY3DP", "totp")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, ["old" * 20]
    assert decrypt(sealed, "totp") == "JBSWY3DP"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(ValueError, match="SECRET_KEY"):
        decrypt(sealed, "totp")
