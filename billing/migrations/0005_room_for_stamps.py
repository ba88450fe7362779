from django.db import migrations


class Migration(migrations.Migration):
    """Every import and payment stamps its accounts: room on their pages keeps the new version beside the old one."""

    dependencies = [
        ('billing', '0004_start_of_late_charge'),
    ]

    operations = [
        migrations.RunSQL('ALTER TABLE billing_account SET (fillfactor = 80)', 'ALTER TABLE billing_account RESET (fillfactor)'),
    ]
