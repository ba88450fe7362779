"""`bin/manage import_contracts FILE --office SLUG`: the same operation as the page and the API."""

from config.management.imports import ImportCommand


class Command(ImportCommand):
    """Import a list of service contracts."""

    help = "Import a list of service contracts (物业服务合同)."
    kind = "contracts"
