"""Settings of the test run: the project's own, in test mode, with a data folder outside the checkout."""

import os
import tempfile
from pathlib import Path

os.environ["LINLI_MODE"] = "test"
os.environ.setdefault("LINLI_ANONYMOUS_REPORTS", "off")  # a test that is about it says how many
os.environ.setdefault("LINLI_DATA", str(Path(tempfile.gettempdir()) / f"linli-test-data-{os.geteuid()}"))

from linli.settings import *  # noqa: F403
