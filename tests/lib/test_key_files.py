"""Secrets that the program draws for itself."""

from concurrent.futures import ThreadPoolExecutor

from scoreport.lib.key_files import kept_secret


def test_a_secret_is_drawn_once_and_is_for_nobody_else_to_read(tmp_path):
    path = tmp_path / "key"
    first = kept_secret(path)
    assert len(first) > 60
    assert kept_secret(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_secret_that_is_there_is_kept(tmp_path):
    path = tmp_path / "key"
    path.write_text("given by the operator\n")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(kept_secret, [path] * 4)) == {"given by the operator"}
