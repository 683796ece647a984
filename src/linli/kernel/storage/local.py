"""A folder of files that are named by their content."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible


@deconstructible(path="linli.kernel.storage.local.ContentFiles")
class ContentFiles(FileSystemStorage):
    """Django's folder storage, but a file is there whole or not at all, and survives a power cut once it is saved.

    Django's own writes into the final name: a process killed meanwhile leaves half a file under the name of the whole one.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: what is there under it has the same content."""
        return name

    def _save(self, name: str, content: File) -> str:
        path = Path(self.path(name))
        folder_mode = self.directory_permissions_mode
        missing = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            if folder_mode is not None:
                folder.chmod(folder_mode)
        draft = path.with_name(f".{uuid4().hex}.draft")
        try:
            with draft.open("xb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                if self.file_permissions_mode is not None:
                    os.fchmod(file.fileno(), self.file_permissions_mode)
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        for folder in (path.parent, *(new.parent for new in missing)):
            _sync(folder)
        return name


@deconstructible(path="linli.kernel.storage.local.PrivateFiles")
class PrivateFiles(ContentFiles):
    """A folder to which no address leads. (Without one of its own Django's storage would make them from ``MEDIA_URL``.)"""

    def url(self, name: str | None) -> str:
        """Refuses."""
        raise ValueError("a private file is not accessible by an address")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
