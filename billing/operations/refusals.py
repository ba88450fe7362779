"""The refusals that several operations of the import share."""

from __future__ import annotations

from offices.operations import Refusal


class ImportRefused(Refusal):
    """The file, or the whole import, is refused; nothing was written."""

    code = "import_refused"
    status = 422
