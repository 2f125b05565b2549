from django.urls import path

from . import views

app_name = "payments"

urlpatterns = [
    path("checkout/<int:order_id>/", views.checkout, name="checkout"),
    path("webhook/", views.webhook, name="webhook"),
]
