from django.db import models


class Payment(models.Model):
    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE)
    payload = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"Payment of {self.order}"
