import django.db.models.deletion
from django.db import migrations, models

from offices.scoping.walls import WallOff

KEPT = """
CREATE FUNCTION billing_batch_is_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE restrict_violation USING MESSAGE = 'import batches are kept'; END $$;
CREATE TRIGGER batch_is_kept BEFORE DELETE ON billing_importbatch FOR EACH ROW EXECUTE FUNCTION billing_batch_is_kept();
ALTER TABLE billing_importrow DROP CONSTRAINT IF EXISTS wall_billing_importrow_batch_id;
ALTER TABLE billing_bill DROP CONSTRAINT IF EXISTS wall_billing_bill_batch_id;
ALTER TABLE billing_payment DROP CONSTRAINT IF EXISTS wall_billing_payment_batch_id;
"""


def kept(related_name, null):
    return models.ForeignKey(db_constraint=False, db_index=False, null=null, on_delete=django.db.models.deletion.DO_NOTHING, related_name=related_name, to='billing.importbatch')


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0002_first_bill_of_a_row'),
    ]

    operations = [
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.AlterField('importrow', 'batch', kept('rows', False)),
        migrations.AlterField('bill', 'batch', kept('bills', True)),
        migrations.AlterField('payment', 'batch', kept('payments', True)),
        migrations.RemoveIndex('importrow', 'import_row_verdict'),
        migrations.AddIndex('importrow', models.Index(condition=models.Q(('verdict', 'new'), _negated=True), fields=['office', 'batch', 'verdict'], name='import_row_verdict')),
        # the walls of the first migration made these two
        migrations.SeparateDatabaseAndState(state_operations=[
            migrations.AddIndex('bill', models.Index(fields=['office', 'batch'], name='idx_billing_bill_batch_id')),
            migrations.AddIndex('payment', models.Index(fields=['office', 'batch'], name='idx_billing_payment_batch_id')),
        ]),
        WallOff(),
    ]
