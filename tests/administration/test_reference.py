"""The reference pages say what the rules say."""

from pathlib import Path

import pytest

from linli.administration import reference

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_printed_page_is_what_the_rules_print(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == reference.PAGES[name](), "run `linli reference`"
