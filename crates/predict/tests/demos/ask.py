"""Asks the servers of a demo.

The argument is the authority that is trusted.
Standard input: [[scheme, port, host, path], ...], each port on loopback.
Standard output: [[status, [[header, value], ...]] or null where there is no answer, ...].
"""

import http.client
import json
import socket
import ssl
import sys


def ask(scheme, port, host, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.sock = socket.create_connection(("127.0.0.1", port), timeout=20)
    try:
        if scheme == "https":
            context = ssl.create_default_context(cafile=sys.argv[1])
            # Names that are not the site's own are asked for too.
            context.check_hostname = False
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        connection.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        return [answer.status, answer.getheaders()]
    except (http.client.HTTPException, OSError):
        return None
    finally:
        connection.close()


json.dump([ask(*question) for question in json.load(sys.stdin)], sys.stdout)
