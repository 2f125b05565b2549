from django.urls import path

from .views import Basket, one

app_name = "shop"

urlpatterns = [
    path("", one, name="index"),
    path("<slug:slug>/", one, name="detail"),
    path("basket/", Basket.as_view(), name="basket"),
]
