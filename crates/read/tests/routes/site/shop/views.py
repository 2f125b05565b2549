from django.http import HttpResponse
from django.views import View


def one(request, **arguments):
    return HttpResponse("one")


def reports(request, pk=None):
    return HttpResponse("reports")


def hook(request):
    return HttpResponse("hook")


class Basket(View):
    pass
