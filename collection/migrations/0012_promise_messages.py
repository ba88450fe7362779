import django.db.models.deletion
import offices.scoping.managers
from django.db import migrations, models

from offices.scoping.walls import WallOff


class Migration(migrations.Migration):

    dependencies = [
        ('collection', '0011_wechat_and_push'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='promise',
            field=offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='messages', to='collection.promise'),
        ),
        migrations.AlterField(
            model_name='message',
            name='action',
            field=offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='messages', to='collection.action'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('action', None), ('promise__isnull', False)), models.Q(('action__isnull', False), ('promise', None)), _connector='OR'), name='message_of_a_step_or_a_promise'),
        ),
        WallOff(),
    ]
