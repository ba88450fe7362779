"""`bin/manage import_contacts FILE --office SLUG`: the same operation as the page and the API."""

from config.management.imports import ImportCommand


class Command(ImportCommand):
    """Import a historical contact log."""

    help = "Import a historical contact log (历史催缴记录)."
    kind = "contacts"
