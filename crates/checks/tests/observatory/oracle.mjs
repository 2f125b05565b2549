// What the Observatory's own package says of recorded answers: an array of cases on stdin, an array
// of results by test on stdout.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const root = path.dirname(createRequire(import.meta.url).resolve("@mdn/mdn-http-observatory/package.json"));
// The package fetches browsers' preload list when it is installed; here no name is on it.
const list = path.join(root, "conf", "hsts-preload.json");
if (!fs.existsSync(list)) fs.writeFileSync(list, "{}");

const { ALL_TESTS } = await import(path.join(root, "src", "constants.js"));
const { parseHttpEquivHeaders } = await import(path.join(root, "src", "retriever", "utils.js"));
const { CookieJar } = await import("tough-cookie");
const { AxiosHeaders } = await import("axios");

const results = JSON.parse(fs.readFileSync(0, "utf8")).map((one) => {
  const url = new URL(one.url);
  const page = { status: 200, headers: new AxiosHeaders(one.headers), verified: one.verified };
  const kind = one.headers["content-type"]?.split(";")[0];
  page.httpEquiv = ["text/html", "application/xhtml+xml"].includes(kind)
    ? parseHttpEquivHeaders(one.body, one.url)
    : new Map();
  const jar = new CookieJar();
  for (const cookie of one.headers["set-cookie"] ?? []) {
    jar.setCookieSync(cookie, one.url, { ignoreError: true });
  }
  const requests = {
    hostname: url.hostname,
    resources: { path: one.body },
    session: { url, jar },
    responses: {
      auto: page,
      https: url.protocol === "https:" ? page : null,
      http: one.route.length ? { status: 200, headers: {}, verified: one.verified } : null,
      httpRedirects: one.route.map((href) => ({ url: new URL(href), status: 301 })),
      httpsRedirects: [],
      cors: { headers: one.cors, request: { headers: { origin: one.origin } }, verified: true },
    },
  };
  return Object.fromEntries(
    ALL_TESTS.map((test) => {
      const output = test(requests);
      return [output.constructor.name, output.result];
    }),
  );
});
fs.writeSync(1, JSON.stringify(results));
