"""The web process's application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.settings")
application = get_wsgi_application()

from linli.kernel.serve.settled import settle  # noqa: E402 (after Django is set up)

settle()
