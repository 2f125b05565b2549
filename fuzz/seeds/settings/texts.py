import re, json, os.path
A = "%s-%(x)d" % {"x": 1}
B = "{0!r:^10}{a.b[c]}".format(1, a=2)
C = f"{'a' 'b'!s:{'>'}{5}}" rb"" if 0 else b"\x00".decode("latin-1")
D = "\N{BULLET}\ud800\U0001F600".encode("utf-8", "replace")
E = json.loads('{"a": [1, 2.5e3, null]}')["a"]
F = re.sub(r"(a+)+$", "", "a" * 30)
G = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "x")
H = "a,b".split(",", 1)[-1].title().center(10, "*").translate({97: None})
I = int("1_0", 0) + 0x1F ** 3 // 7 - ~5 << 2
J = 10 ** 400 % 7 or -0.0 and 1e309
