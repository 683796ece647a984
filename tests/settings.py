"""Settings of the test run: the project's own, in test mode."""

import os

os.environ["LINLI_MODE"] = "test"

from linli.settings import *  # noqa: F403
