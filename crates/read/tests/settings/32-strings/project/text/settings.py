# -*- coding: utf-8 -*-
import base64
import hashlib
import os
import re
import string
import textwrap
from urllib.parse import parse_qs, quote, quote_plus, urlencode, urljoin, urlparse, urlsplit

NAME = os.environ.get("NAME", "Loom")
HOST = os.environ.get("HOST", "localhost").lower()
PORT = os.environ.get("PORT", "80")
PASSWORD = os.environ.get("PASSWORD", "")
SECRET_KEY = "x".join(["loom"] * 11) + "\n\t\x41\u00e9\N{BULLET}" + r"\n" + "joined " "together" """ and
so on"""
TITLE = NAME.strip().title()
SLUG = "-".join(NAME.lower().split()).replace("&", "and")
UPPER, SWAP, CAP = NAME.upper(), "aBc".swapcase(), "hELLO wORLD".capitalize()
PERCENT = "%s:%05d %(literal)s" % ("a", 42) if False else "%s:%05d|%5.2f|%r|%x|%%" % (HOST, int(PORT), 3.14159, "q", 255)
NAMED = "%(host)s/%(port)s" % {"host": HOST, "port": PORT}
FORMAT = "{} {1} {0!r:>5}".replace("{} {1}", "{0} {1}").format("a", "b")
FORMAT_NAMED = "{host}:{port:>6}|{d[key]}|{o.real}".format(host=HOST, port=PORT, d={"key": 1}, o=5)
FSTRING = f"{NAME!r} {int(PORT):,} {1/3:.3f} {HOST:^20} {'nested ' + str(1):*<10} {{braces}} {PORT=}"
PADDED = [f"{5:03d}", f"{255:#x}", f"{255:b}", f"{0.5:.0%}", f"{1234567.891:,.2f}", f"{'x':>{4}}", f"{True}", f"{None}"]
CONNECTION = f"postgres://user:{quote(PASSWORD, safe='')}@{HOST}/db?{urlencode({'a': 1, 'b': 'x y'})}"
QUOTED = [quote("a b/c"), quote_plus("a b&c")]
_url = urlparse("redis://:pw%40@cache.example.org:6380/3?ssl=1#f")
URL = [_url.scheme, _url.hostname, _url.port, _url.password, _url.path[1:], _url.query, _url.netloc, _url.username]
QUERY = parse_qs("a=1&a=2&b=x")
JOINED = urljoin("https://example.org/a/b", "../c")
SPLIT = urlsplit(f"https://{HOST}:8443/x").netloc
PARTS = ["a,b,,c".split(","), "a,b,c".split(",", 1), "a b  c".split(), "a-b-c".rsplit("-", 1), "x=1".partition("="), "x".rpartition("=")]
STRIPPED = ["  a ".strip(), "xxaxx".strip("x"), "/a/".rstrip("/"), "www.x".removeprefix("www."), "x.py".removesuffix(".py"), "aab".lstrip("ab")]
TESTS = [HOST.startswith(("www.", "local")), HOST.endswith("org"), "x".isdigit(), "12".isdigit(), "Ab".isalpha(), "a_b".isidentifier(), "lo" in HOST, " ".isspace(), "A".isupper()]
FIND = ["abc".find("c"), "abc".find("z"), "abcb".count("b"), "abc".index("b"), "abcb".rfind("b")]
LINES = "one\ntwo\r\nthree".splitlines()
JUST = ["7".zfill(3), "a".ljust(3, "."), "a".rjust(3), "a".center(5, "*"), "-5".zfill(4)]
MULTIPLIED = "ab" * 3
SLICES = [HOST[0], HOST[-3:], HOST[::-1], HOST[2:4], HOST[:100]]
BYTES = b"raw\x00" + "é".encode()
DECODED = b"\xc3\xa9".decode("utf-8")
B64 = base64.b64encode(b"key").decode()
FROM_B64 = base64.b64decode("a2V5")
DIGEST = hashlib.sha256(b"loom").hexdigest()
MD5_SHORT = hashlib.md5("loom".encode()).hexdigest()[:8]
DEDENT = textwrap.dedent("""\
    first
      second
""")
TEMPLATE = string.Template("$a and ${b}").substitute(a=1, b=2)
ALPHABET = string.ascii_lowercase[:5] + string.digits
TRANSLATED = "abc".translate(str.maketrans("ab", "xy"))
CASEFOLD = "STRASSE ß".casefold()
EXPANDED = "a\tb".expandtabs(4)
NUMBERS = [int("  42 "), int("-7"), float("1e3"), int("0b11", 2), int("1_000"), round(2.5), round(3.14159, 2), abs(-3), 7 // 2, -7 // 2, 7 % 3, -7 % 3, 2**10, divmod(7, 2), 1 / 4, int(3.9), 0.1 + 0.2, 10**20]
STRINGS = [str(1.0), str(None), str([1, "a"]), str({"a": (1,)}), repr("it's"), ascii("é"), str(True), str(b"x"), chr(97), hex(255), bin(5), oct(8), str(1e16), str(0.1)]
ORD = ord("a")
COMPARED = ["a" < "b", "10" < "9", 1 == 1.0, True == 1, "a" == b"a", None is None, 1 < 2 < 3, not "", "" or "default", "x" and "y"]
MATCHED = bool(re.match(r"^www\.", HOST))
SUBBED = re.sub(r"[^a-z]+", "-", NAME.lower()).strip("-")
FOUND = re.findall(r"\d+", "a1b22c333")
RE_SPLIT = re.split(r"[;,]\s*", "a; b,c")
PATTERN = re.compile(r"^/api/.*$", re.IGNORECASE)
GROUP = re.search(r"(?P<sub>\w+)\.(\w+)", "www.loom").group("sub")
DISALLOWED_USER_AGENTS = [re.compile("bot"), re.compile(r"spider", flags=re.I)]
SESSION_COOKIE_NAME = "__Host-{}".format("session")
