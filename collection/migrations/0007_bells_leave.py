from django.db import migrations


class Migration(migrations.Migration):
    """Bells are the offices' (offices 0002): the table keeps its rows and its wall, and gets another name."""

    dependencies = [
        ('collection', '0006_corrections'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable(name='Bell', table='offices_bell')],
            state_operations=[migrations.DeleteModel(name='Bell')],
        ),
    ]
