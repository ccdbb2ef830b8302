"""Templates compiled once, and kept where Python keeps feedpub's own bytecode: as good as that."""

import sys
from contextlib import suppress
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

_FOLDER = Path(__file__).parent / "__pycache__" / "templates"


class CompiledTemplates(jinja2.FileSystemBytecodeCache):
    """Compiled templates in files, each with a digest of the template it was made from.

    Where they cannot be written nothing is lost but some time in the next run.
    """

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def compiled_templates(folder: Path = _FOLDER) -> CompiledTemplates | None:
    """Return what earlier runs compiled; None where Python was told to keep nothing, or cannot."""
    if sys.dont_write_bytecode:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return CompiledTemplates(str(folder), f"jinja2-{jinja2.__version__}-%s.bytecode")
