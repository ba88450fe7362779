from django.db import migrations, models


class Migration(migrations.Migration):
    """The index by item leads on to the periods: which periods an office has is read from it, past all its bills."""

    dependencies = [
        ('billing', '0005_room_for_stamps'),
    ]

    operations = [
        migrations.RunSQL('DROP INDEX IF EXISTS idx_billing_bill_fee_item_id', 'CREATE INDEX idx_billing_bill_fee_item_id ON billing_bill (office_id, fee_item_id)'),
        migrations.AddIndex('bill', models.Index(fields=['office', 'fee_item', 'period_start', 'period_end'], name='bill_periods')),
    ]
