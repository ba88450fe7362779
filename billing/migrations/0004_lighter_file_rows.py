import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from offices.scoping.walls import WallOff


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0003_implied_offices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='importrow',
                    name='account',
                    field=models.ForeignKey(db_constraint=False, db_index=False, help_text='What the row was matched to when it was judged: a remark, proved by the bill that is booked from it.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='billing.account'),
                ),
                migrations.AlterField(
                    model_name='importrow',
                    name='fixed_by',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
                ),
            ],
            # By hand: Django would check the reference to users anew, from behind the wall.
            database_operations=[
                migrations.RunSQL(
                    """
                    ALTER TABLE billing_importrow DROP CONSTRAINT IF EXISTS wall_billing_importrow_account_id;
                    DROP INDEX IF EXISTS idx_billing_importrow_account_id;
                    DROP INDEX IF EXISTS billing_importrow_fixed_by_id_d9d9cf35;
                    """,
                    migrations.RunSQL.noop,
                ),
            ],
        ),
        # Indexes that a unique one begins with already.
        migrations.RunSQL(
            """
            DROP INDEX IF EXISTS idx_billing_importrow_batch_id;
            DROP INDEX IF EXISTS idx_billing_allocation_payment_id;
            """,
            migrations.RunSQL.noop,
        ),
        WallOff(),
    ]
