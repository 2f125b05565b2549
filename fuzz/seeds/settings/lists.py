APPS = ["django.contrib.admin"]
INSTALLED_APPS = APPS + ["axes", *("a%s" % n for n in range(3))]
MIDDLEWARE = ["x"]; MIDDLEWARE += ["y"]; MIDDLEWARE.insert(0, "z"); MIDDLEWARE.remove("x")
MIDDLEWARE[MIDDLEWARE.index("z"):1] = ["c"]
a = b = []
for i, (k, v) in enumerate({"a": 1}.items()):
    a.append(f"{k!r:>{v}}{i:02d}")
    if i: continue
else:
    b.extend(x ** 2 for x in range(10) if x % 2)
D = {**{"k": [1]}, "l": {1, 2} | {3}}
D["k"].append(D.setdefault("m", {}).update(z=1))
T = (*a, *b)[::-1]
del D["l"]
