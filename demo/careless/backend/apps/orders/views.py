from django.core.signing import BadSignature
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.generic import ListView

from .invoices import signer
from .models import Order, Product


class ProductList(ListView):
    queryset = Product.objects.filter(stock__gt=0)
    template_name = "orders/products.html"


class MyOrders(ListView):
    template_name = "orders/mine.html"

    def get_queryset(self):
        return Order.objects.filter(customer_id=self.request.user.pk)


def invoice(request, token):
    try:
        pk = signer.unsign(token)
    except BadSignature:
        raise Http404
    return render(request, "orders/invoice.html", {"order": get_object_or_404(Order, pk=pk)})
