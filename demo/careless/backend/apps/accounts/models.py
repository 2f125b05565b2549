from django.conf import settings
from django.db import models


class Profile(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    phone = models.CharField(max_length=40, blank=True)
    last_address = models.GenericIPAddressField(null=True)

    def __str__(self):
        return str(self.user)
