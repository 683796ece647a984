"""``linli.live.asgi:application``: the live process, for uvicorn.

``GET /live?token=…`` answers a stream of server-sent events, ``GET /healthz`` that the process is up and listens.
"""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.settings")
django.setup()

from linli.live.streams import Streams  # noqa: E402 (after Django is set up)

application = Streams()
