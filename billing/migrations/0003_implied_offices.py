import django.db.models.deletion
import offices.scoping.managers
from django.db import migrations

from offices.scoping.walls import WallOff


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0002_reconciliation'),
        ('offices', '0002_reconciliation'),
    ]

    operations = [
        migrations.AlterField(
            model_name='allocation',
            name='office',
            field=offices.scoping.managers.OfficeKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office'),
        ),
        migrations.AlterField(
            model_name='bill',
            name='office',
            field=offices.scoping.managers.OfficeKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office'),
        ),
        migrations.AlterField(
            model_name='importrow',
            name='office',
            field=offices.scoping.managers.OfficeKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office'),
        ),
        migrations.AlterField(
            model_name='payment',
            name='office',
            field=offices.scoping.managers.OfficeKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office'),
        ),
        WallOff(),
    ]
