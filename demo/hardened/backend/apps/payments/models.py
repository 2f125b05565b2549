from django.db import models


class PaymentEvent(models.Model):
    """A message of the payment provider that was acted on. Keeping its id makes a repeat harmless."""

    provider_id = models.CharField(max_length=255, unique=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT)
    received_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return self.provider_id
