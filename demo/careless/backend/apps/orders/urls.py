from django.urls import path

from . import views

app_name = "orders"

urlpatterns = [
    path("", views.ProductList.as_view(), name="products"),
    path("orders/", views.MyOrders.as_view(), name="mine"),
    path("invoices/<str:token>/", views.invoice, name="invoice"),
]
