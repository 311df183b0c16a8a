from __future__ import annotations

from tests.docs.kinds import PAGE, format_page


def test_table_of_kinds_is_the_catalogue() -> None:
    """A kind that the guide omits is never used."""
    assert PAGE.read_text(encoding="utf-8") == format_page(), "run `make generate`"
