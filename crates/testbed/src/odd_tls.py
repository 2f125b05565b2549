"""A TLS server with something old or wrong about it, made of tlslite-ng.

Arguments: the port, a certificate chain, its key, and a wish in JSON: "settings" for tlslite-ng,
"prime" and "generator" (hexadecimal, 2 by itself) for DHE, and "fault", which is the name of a function below.
"""

import json
import socket
import sys
import threading

from tlslite import keyexchange, recordlayer
from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
from tlslite.errors import TLSDecryptionFailed, TLSIllegalParameterException, TLSRecordOverflow

port, certificates, key, wish = sys.argv[1:]
wish = json.loads(wish)
checked = recordlayer.ct_check_cbc_mac_and_pad


def padding(data):
    """What the padding should be, and what it is."""
    length = data[-1] + 1
    return bytearray([data[-1]] * length), data[-length:]


def mended(data):
    """The record with the padding that it should have."""
    length = data[-1] + 1
    return data[:-length] + bytearray([data[-1]] * length)


def padding_is_ignored(data, *more):
    """CVE-2014-8730."""
    return checked(mended(data) if data[-1] < len(data) else data, *more)


def padding_is_told(data, *more):
    """The answer to wrong padding is decryption_failed, that to a wrong MAC bad_record_mac."""
    right, own = padding(data)
    if right != own:
        raise TLSDecryptionFailed()
    return checked(data, *more)


def no_room_is_told(data, mac, *more):
    """CVE-2016-2107."""
    right, own = padding(data)
    if right == own and len(data) - len(own) < mac.digest_size:
        raise TLSRecordOverflow()
    return checked(data, mac, *more)


def empty_is_told(data, mac, *more):
    """CVE-2019-1559, as one that answers what the other keeps silent about."""
    right, own = padding(data)
    if right != own and len(data) - len(own) == mac.digest_size:
        raise TLSDecryptionFailed()
    return checked(data, mac, *more)


decrypted = keyexchange.RSAKeyExchange.processClientKeyExchange


def premaster_is_told(exchange, sent):
    """ROBOT: a premaster that does not begin as it should is answered at once."""
    block = exchange.privateKey._raw_private_key_op_bytes(sent.encryptedPreMasterSecret)
    if block[:2] != bytearray([0, 2]):
        raise TLSIllegalParameterException("the premaster")
    return decrypted(exchange, sent)


if wish.get("fault") == "premaster_is_told":
    keyexchange.RSAKeyExchange.processClientKeyExchange = premaster_is_told
elif "fault" in wish:
    recordlayer.ct_check_cbc_mac_and_pad = globals()[wish["fault"]]
settings = HandshakeSettings()
for name, value in wish.get("settings", {}).items():
    assert hasattr(settings, name), name
    setattr(settings, name, tuple(value) if name.endswith("Version") else value)
if "prime" in wish:
    settings.dhParams = (int(wish.get("generator", "2"), 16), int(wish["prime"], 16))
chain = X509CertChain()
with open(certificates, encoding="ascii") as file:
    chain.parsePemList(file.read())
with open(key, encoding="ascii") as file:
    key = parsePEMKey(file.read(), private=True)


def serve(connection):
    """One connection: a request, an answer."""
    tls = TLSConnection(connection)
    try:
        tls.handshakeServer(certChain=chain, privateKey=key, settings=settings)
        tls.read(min=1, max=4096)
        tls.write(b"HTTP/1.0 200 OK\r\nStrict-Transport-Security: max-age=63072000\r\n\r\nshop")
        tls.close()
    except Exception:  # whatever a client does to it, the others are served
        pass
    finally:
        connection.close()


listener = socket.create_server(("127.0.0.1", int(port)), backlog=128)
while True:
    peer, _ = listener.accept()
    threading.Thread(target=serve, args=(peer,), daemon=True).start()
