from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import ListView

from .models import Order, Product


class ProductList(ListView):
    queryset = Product.objects.filter(stock__gt=0)
    template_name = "orders/products.html"
    paginate_by = 24


class MyOrders(LoginRequiredMixin, ListView):
    template_name = "orders/mine.html"
    paginate_by = 24

    def get_queryset(self):
        return Order.objects.filter(customer=self.request.user).prefetch_related("lines__product")
