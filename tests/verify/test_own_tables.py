"""The verifier's defaults fit the application's own tables."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from linli_verify.__main__ import main


@pytest.mark.django_db
def test_the_log_and_the_cases_have_the_columns_that_it_reads(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LINLI_ROOTS_DIR", raising=False)
    parameters = connection.get_connection_params()
    known = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if name in parameters}
    assert main(["--database", make_conninfo(**known), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "sound"
