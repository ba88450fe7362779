import django.db.models.deletion
import offices.scoping.managers
from django.conf import settings
from django.db import migrations, models

from offices.scoping.walls import WallOff


class Migration(migrations.Migration):

    dependencies = [
        ('collection', '0012_promise_messages'),
        ('offices', '0009_segments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Poster',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('building', models.CharField(max_length=20, verbose_name='楼栋')),
                ('location', models.CharField(max_length=60, verbose_name='张贴位置')),
                ('words', models.TextField(verbose_name='内容')),
                ('template_version', models.CharField(max_length=20)),
                ('frozen', models.JSONField(help_text='Everything the poster prints, as of its making.')),
                ('made_at', models.DateTimeField()),
                ('take_down_on', models.DateField(help_text='The last day on which it may hang.', verbose_name='应取下日期')),
                ('posted_on', models.DateField(null=True, verbose_name='张贴日期')),
                ('photo_taken_at', models.DateTimeField(help_text='What the photo says of itself.', null=True)),
                ('taken_down_on', models.DateField(null=True, verbose_name='取下日期')),
                ('community', offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='posters', to='offices.community', verbose_name='小区')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('office', offices.scoping.managers.OfficeKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.office')),
                ('photo', offices.scoping.managers.OfficeForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='posters', to='offices.storedfile')),
                ('posted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taken_down_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-made_at', '-id'],
                'indexes': [models.Index(condition=models.Q(('taken_down_on__isnull', True)), fields=['office', 'take_down_on'], name='poster_not_down')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('photo', None), ('posted_by', None), ('posted_on', None)), models.Q(('photo__isnull', False), ('posted_by__isnull', False), ('posted_on__isnull', False)), _connector='OR'), name='poster_put_up_with_photo'), models.CheckConstraint(condition=models.Q(models.Q(('taken_down_by', None), ('taken_down_on', None)), models.Q(('posted_on__isnull', False), ('taken_down_by__isnull', False), ('taken_down_on__gte', models.F('posted_on'))), _connector='OR'), name='poster_down_after_up')],
            },
        ),
        WallOff(),
    ]
