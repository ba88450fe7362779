from django.db import migrations, models

from offices.scoping.walls import WallOff


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='importrow',
            name='due_on',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='importrow',
            name='fee_item',
            field=models.CharField(max_length=40, null=True),
        ),
        migrations.AddField(
            model_name='importrow',
            name='note',
            field=models.CharField(max_length=200, null=True),
        ),
        migrations.AddField(
            model_name='importrow',
            name='period_end',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='importrow',
            name='period_start',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='importrow',
            name='receivable',
            field=models.DecimalField(decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name='importrow',
            name='received',
            field=models.DecimalField(decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name='importrow',
            name='reduction',
            field=models.DecimalField(decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AlterField(
            model_name='importrow',
            name='parsed',
            field=models.JSONField(default=dict, help_text='What the row means; money as strings. Bills: `items`, unless there is exactly one.'),
        ),
        WallOff(),
    ]
