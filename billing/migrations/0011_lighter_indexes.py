import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from offices.scoping.walls import WallOff

# Of nullable references only the rows that have one are indexed (WallOff makes them so, again); `one_bill_per_period` begins
# with office and account, over all bills.
DROP = """
DROP INDEX IF EXISTS idx_billing_bill_account_id, idx_billing_payment_bank_line_id, idx_billing_payment_reverses_id,
  idx_billing_payment_voucher_id, billing_payment_recorded_by_id_ea29dd82;
"""

# What stands in a file's cells is packed when it is kept; the usual packer takes five times as long as this one.
PACK = """
DO $$ BEGIN
  ALTER TABLE billing_importblock ALTER COLUMN numbers SET COMPRESSION lz4, ALTER COLUMN columns SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;  -- a server built without lz4 keeps its own
END $$;
"""


class Migration(migrations.Migration):
    """Bills and payments come by the hundred thousand: each index that says nothing new costs a tenth of a second of an import."""

    dependencies = [
        ('billing', '0010_references_by_statement'),
        ('offices', '0002_bells'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='bill',
            name='one_bill_per_period',
        ),
        # to alter the field Django would make its reference anew, and behind a wall the owner cannot check it
        migrations.SeparateDatabaseAndState(state_operations=[
            migrations.AlterField(
                model_name='payment',
                name='recorded_by',
                field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
            ),
        ]),
        migrations.AddConstraint(
            model_name='bill',
            constraint=models.UniqueConstraint(fields=('office', 'account', 'fee_item', 'period_start', 'period_end', 'voided_at'), name='one_bill_per_period', nulls_distinct=False),
        ),
        migrations.RunSQL(DROP + PACK, migrations.RunSQL.noop),
        WallOff(),
    ]
