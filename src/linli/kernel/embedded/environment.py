"""Between the launcher and the environment: where the data folder is, and how children learn the address of the database."""

import os
from pathlib import Path

from linli.kernel.embedded.preparation import APP_ROLE, OWNER_ROLE
from linli.kernel.embedded.server import Addresses


def data_folder() -> Path:
    """The data folder of this process: `LINLI_DATA`, by default `data` in the working directory."""
    return Path(os.environ.get("LINLI_DATA") or "data").absolute()


def publish(addresses: Addresses) -> None:
    """Put the addresses of an attached server where settings and child processes look for them."""
    os.environ["LINLI_DATABASE_URL"] = addresses.url(APP_ROLE)
    os.environ["LINLI_OWNER_DATABASE_URL"] = addresses.url(OWNER_ROLE)
