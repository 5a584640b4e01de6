"""A file that was written and checked under another name gets its own."""

import os
from pathlib import Path


def give_name(part: Path, file: Path) -> None:
    """Raise `FileExistsError` where one has the name already: it is never written over."""
    try:
        os.link(part, file)  # unlike a rename, never over a file that appeared meanwhile
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links, such as a share of another machine
        if file.exists():
            raise FileExistsError(file) from None
        part.rename(file)
    part.unlink(missing_ok=True)
