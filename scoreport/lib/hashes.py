"""Short, stable hashes: the same number for the same text in every process and every year."""

from hashlib import blake2b


def stable64(*parts: str) -> int:
    """Return a signed 64-bit number (a BIGINT) for these texts.

    Each part carries its length, so that ("ab", "c") and ("a", "bc") differ. It is a shortcut for looking things up,
    never an identity: two different inputs may share a number.
    """
    told_apart = "".join([f"{len(part)}:{part}" for part in parts])
    digest = blake2b(told_apart.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
