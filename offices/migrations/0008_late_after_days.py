from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('offices', '0007_contact_on_holidays'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalofficesettings',
            name='late_after_days',
            field=models.PositiveSmallIntegerField(db_default=3, default=3, verbose_name='拖延上报：超过工作日'),
        ),
        migrations.AddField(
            model_name='officesettings',
            name='late_after_days',
            field=models.PositiveSmallIntegerField(db_default=3, default=3, verbose_name='拖延上报：超过工作日'),
        ),
    ]
