"""`bin/manage import_bills FILE --office SLUG [--accept-good]`: the same operation as the page and the API."""

from config.management.imports import ImportCommand


class Command(ImportCommand):
    """Import a bill export."""

    help = "Import a bill export (账单)."
    kind = "bills"
