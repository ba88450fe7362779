"""`bin/manage import_fee_items FILE --office SLUG`: the same operation as the page and the API."""

from config.management.imports import ImportCommand


class Command(ImportCommand):
    """Import a list of fee items."""

    help = "Import a list of fee items (收费项目)."
    kind = "fee_items"
