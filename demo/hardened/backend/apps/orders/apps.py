from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "apps.orders"

    def ready(self):
        from auditlog.registry import auditlog

        for model in self.get_models():
            auditlog.register(model)
