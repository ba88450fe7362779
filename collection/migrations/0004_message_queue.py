from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('collection', '0003_sweep_due')]

    operations = [
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['office', 'queued_at', 'id'], name='message_queue'),
        ),
    ]
