"""Exits 0 when gunicorn answers as it answers nginx."""

import http.client
import os
import sys

connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=3)
connection.request("GET", "/healthz", headers={"Host": os.environ["SHOP_DOMAIN"]})
sys.exit(connection.getresponse().status != 200)
