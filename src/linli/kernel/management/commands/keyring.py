"""`linli keyring`: make, grow and show the keyring for personal data."""

import json
import os
from base64 import b64encode
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from linli.kernel.crypto import DEMO_PREFIX, Keyring, KeyringError, load_keyring
from linli.kernel.time import today


class Command(BaseCommand):
    """Makes files of mode 0600 and never overwrites one."""

    help = "Make a keyring (new FILE), add a key to the one in use (rotate FILE), or print its public keys (public)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and where to."""
        parser.add_argument("what", choices=["new", "rotate", "public"])
        parser.add_argument("file", nargs="?", type=Path, help="the file to make; it must not be there yet")
        parser.add_argument("--name", default="", help="the new key's id (default: k and the day)")

    def handle(self, *args: Any, what: str, file: Path | None = None, name: str = "", **options: Any) -> None:
        """Do it."""
        name = name or f"k{today():%Y%m%d}"
        try:
            if what == "public":
                keys = {key: b64encode(value).decode() for key, value in load_keyring().public_keys().items()}
                self.stdout.write(json.dumps(keys, indent=2, sort_keys=True))
                return
            if name.startswith(DEMO_PREFIX):
                raise CommandError(f"A key whose name begins with {DEMO_PREFIX} is refused in production.")
            ring = Keyring.generate(name) if what == "new" else load_keyring().with_new_key(name)
        except KeyringError as error:
            raise CommandError(str(error)) from None
        if file is None:
            raise CommandError("Name the file to make.")
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{file} cannot be made: {error.strerror}") from None
        with os.fdopen(descriptor, "w", encoding="utf-8") as target:
            target.write(ring.to_json())
            target.flush()
            os.fsync(target.fileno())
        self.stdout.write(f"{file}: key {name} is active. Keep a copy elsewhere, and name the file in LINLI_KEYRING.")
