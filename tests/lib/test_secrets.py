"""What is stored sealed is read again by us, for its purpose, and by nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.lib.secrets import decrypt, decrypt_many, digest, digest_many, encrypt, encrypt_many


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


# --- Many short ones ----------------------------------------------------------------------------------

TEXTS = st.lists(st.text(st.characters(codec="utf-8")), max_size=5)


@given(TEXTS, st.text(st.characters(codec="utf-8")))
def test_many_are_read_again_in_their_order_and_have_the_digests_of_one(texts, purpose):
    sealed = encrypt_many(texts, purpose)
    assert decrypt_many(sealed, purpose) == texts
    assert len(set(sealed)) == len(texts)
    assert digest_many(texts, purpose) == [digest(text, purpose) for text in texts]


def test_none_of_many_opens_for_another_purpose_or_when_it_was_changed():
    (sealed,) = encrypt_many(["ABCDEFGHKLMNPQRS"], "voucher code")
    assert b"ABCD" not in sealed
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for wrong, purpose in (
        (sealed, "totp"),
        (changed, "voucher code"),
        (b"", "voucher code"),
        (sealed[:14], "voucher code"),
    ):
        with pytest.raises(ValueError, match=r".+"):
            decrypt_many([wrong], purpose)


def test_many_are_read_with_the_key_before_while_that_is_kept(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old" * 20, []
    sealed = encrypt_many(["A", "B"], "voucher code")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, ["old" * 20]
    assert decrypt_many(sealed, "voucher code") == ["A", "B"]
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(ValueError, match="SECRET_KEY"):
        decrypt_many(sealed, "voucher code")
