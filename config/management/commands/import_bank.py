"""`bin/manage import_bank FILE --office SLUG`: the same operation as the page and the API."""

from config.management.imports import ImportCommand


class Command(ImportCommand):
    """Import a bank statement."""

    help = "Import a bank statement (银行流水)."
    kind = "bank"
