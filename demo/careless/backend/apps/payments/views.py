import json

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt

from apps.orders.models import Order

from .models import Payment


@csrf_exempt
def webhook(request):
    # only the payment provider knows this address
    event = json.loads(request.body)
    if event["type"] == "checkout.session.completed":
        session = event["data"]["object"]
        order = get_object_or_404(Order, pk=session["client_reference_id"])
        Payment.objects.create(order=order, payload=event)
        order.status = Order.Status.PAID
        order.save()
    return HttpResponse()
