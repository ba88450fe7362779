"""`bin/manage import_register FILE --office SLUG`: the same operation as the page and the API."""

from config.management.imports import ImportCommand


class Command(ImportCommand):
    """Import an owner register."""

    help = "Import an owner register (业主登记表)."
    kind = "register"
