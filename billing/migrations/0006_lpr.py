import django.db.models.deletion
import offices.scoping.managers
from django.conf import settings
from django.db import migrations, models

from offices.scoping.walls import WallOff


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0005_late_charge_rules'),
        ('offices', '0003_billing_deadline'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LprRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField(verbose_name='执行日')),
                ('rate', models.DecimalField(decimal_places=4, help_text='A fraction a year: 0.0300 is 3.00 %.', max_digits=6)),
                ('source', models.CharField(max_length=200, verbose_name='来源')),
                ('set_at', models.DateTimeField()),
                ('office', offices.scoping.managers.OfficeKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-starts_on', '-id'],
                'indexes': [models.Index(fields=['office', 'starts_on'], name='lpr_days')],
                'constraints': [models.CheckConstraint(condition=models.Q(('rate__gt', 0), ('rate__lt', 1)), name='lpr_is_a_fraction')],
            },
        ),
        WallOff(),
    ]
