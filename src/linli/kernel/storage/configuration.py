"""Where files are kept: Django's ``STORAGES`` from the environment. Imported by the settings; imports no Django."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def storage_settings(data: Path, environment: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """``STORAGES``: folders below the data folder, or S3-compatible buckets.

    ``LINLI_S3_PRIVATE_BUCKET`` and ``LINLI_S3_PUBLIC_BUCKET`` (both or neither) choose buckets, with ``LINLI_S3_ENDPOINT``,
    ``LINLI_S3_REGION``, ``LINLI_S3_KEY_ID`` and ``LINLI_S3_SECRET``; this needs the package django-storages[s3].

    Args:
        data: the data folder.
        environment: ``os.environ`` unless told.

    Raises:
        ValueError: one bucket is named and the other is not, or both are the same.
    """
    environment = os.environ if environment is None else environment
    private, public = (environment.get(f"LINLI_S3_{shelf}_BUCKET", "") for shelf in ("PRIVATE", "PUBLIC"))
    settings: dict[str, dict[str, Any]] = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    if bool(private) != bool(public) or (private and private == public):
        raise ValueError("name two different buckets: LINLI_S3_PRIVATE_BUCKET and LINLI_S3_PUBLIC_BUCKET")
    if private:
        return settings | {
            "private": _bucket(private, environment, acl="private"),
            "public": _bucket(public, environment, acl="public-read"),
        }
    return settings | {
        "private": {
            "BACKEND": "linli.kernel.storage.local.PrivateFiles",
            "OPTIONS": {
                "location": str(data / "private"),
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        },
        "public": {
            "BACKEND": "linli.kernel.storage.local.ContentFiles",
            "OPTIONS": {
                "location": str(data / "files"),
                "base_url": "/files/",
                "file_permissions_mode": 0o644,
                "directory_permissions_mode": 0o755,
            },
        },
    }


def _bucket(name: str, environment: Mapping[str, str], *, acl: str) -> dict[str, Any]:
    options = {
        "bucket_name": name,
        "endpoint_url": environment.get("LINLI_S3_ENDPOINT") or None,
        "region_name": environment.get("LINLI_S3_REGION") or None,
        "access_key": environment.get("LINLI_S3_KEY_ID") or None,
        "secret_key": environment.get("LINLI_S3_SECRET") or None,
        "default_acl": acl,
        "querystring_auth": acl == "private",
        "file_overwrite": True,  # the name is the hash of the content
        "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"} if acl == "public-read" else {},
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
