"""What the launcher does to a database of ours, the guide tells for a database of one's own."""

import inspect
import re
from pathlib import Path

from linli.kernel.embedded import preparation

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "own-database.md"


def test_the_guide_gives_every_right_that_the_launcher_gives() -> None:
    text = re.sub(r"\s+", " ", GUIDE.read_text(encoding="utf-8"))
    source = inspect.getsource(preparation.prepare_database)
    statements = [
        statement.format(owner=preparation.OWNER_ROLE, app=preparation.APP_ROLE)
        for statement in re.findall(r'"((?:ALTER|GRANT|REVOKE)[^"]+)"', source)
    ]
    assert len(statements) == 6
    assert not [statement for statement in statements if statement not in text]
    assert not [name for name in preparation.EXTENSIONS if f"CREATE EXTENSION {name};" not in text]
