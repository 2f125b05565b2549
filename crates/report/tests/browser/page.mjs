// The HTML report in a real browser: node page.mjs CHROMIUM PAGE FOLDER
//
// Opens PAGE at the width of a desktop and of a phone, light and dark; clicks filters and links,
// asks axe, watches that nothing leaves the page, and keeps screenshots in FOLDER. Prints each
// fault on a line of its own; exit code 1 with any.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [chromium, file, folder] = process.argv.slice(2);
const address = pathToFileURL(file).href;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const faults = [];
const hold = (holds, what) => {
  if (!holds) faults.push(what);
};

const browser = await puppeteer.launch({
  executablePath: chromium,
  // Chromium's sandbox refuses to run as root, which a container is.
  args: process.getuid() === 0 ? ["--no-sandbox"] : [],
});
try {
  for (const [name, width, height] of [
    ["desktop", 1280, 900],
    ["phone", 390, 844],
  ]) {
    for (const scheme of ["light", "dark"]) await look(`${name}-${scheme}`, width, height, scheme);
  }
  await work();
  await print();
} finally {
  await browser.close();
}
for (const fault of faults) console.log(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

async function opened(hash, width, height, scheme = "light") {
  const page = await browser.newPage();
  // A refused style or script is told on the console.
  page.on("console", (message) => faults.push(`the console says: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`the script fails: ${error.message}`));
  page.on("request", (request) => hold(request.url().startsWith(address), `asks for ${request.url()}`));
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(address + hash);
  return page;
}

async function look(name, width, height, scheme) {
  const page = await opened("", width, height, scheme);
  await page.screenshot({ path: `${folder}/${name}.png` });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  hold(wide <= width, `${name}: the page is ${wide} wide`);
  // What is folded away is judged too.
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
  for (const { id, help, nodes } of found.violations) {
    faults.push(`${name}: axe ${id}: ${help} (${nodes.length}): ${nodes[0].html.slice(0, 200)}`);
  }
  await page.close();
}

// Filters, search, deep links, keys and colours.
async function work() {
  const page = await opened("", 1280, 900);
  const visible = () =>
    page.$$eval(".finding", (all) => all.filter((one) => !one.closest("[hidden]")).length);
  const told = () => page.$eval(".shown", (one) => one.textContent);
  const all = await visible();
  hold(all > 10, `only ${all} findings are shown at first`);
  hold((await told()) === `${all} findings`, `the count says ${await told()}`);

  await page.click(".chip.critical");
  const rest = await visible();
  hold(rest > 0 && rest < all, `without critical ones ${rest} of ${all} are shown`);
  hold((await told()) === `${rest} of ${all} findings`, `the count says ${await told()}`);
  const left = await page.$$eval('.finding[data-severity="critical"]', (some) => some.every((one) => one.hidden));
  hold(left, "critical findings are still shown");
  await page.click(".chip.critical");
  hold((await visible()) === all, "the filter is not taken back");

  await page.type(".query input", "secure_hsts_seconds");
  const searched = await visible();
  hold(searched > 0 && searched < 20, `the search shows ${searched}`);
  await page.keyboard.press("Escape");
  hold((await visible()) === all, "Escape does not clear the search");

  await page.click('.areas button[data-area="nginx"]');
  const areas = await page.$$eval(".check:not([hidden])", (some) => [...new Set(some.map((one) => one.dataset.area))]);
  hold(areas.join() === "nginx", `the tile of nginx shows ${areas}`);

  // A link to what the filter hides shows it.
  const link = "#django/debug-on+settings:DEBUG";
  await page.click(`a[href="${link}"]`);
  hold(await inView(page, link), "a link does not lead to its finding");
  hold((await visible()) === all, "a link leaves the filters as they are");
  await page.close();

  const direct = await opened(link, 390, 844);
  hold(await inView(direct, link), "an address with a fingerprint does not lead to its finding");
  await direct.focus(".check summary");
  await direct.keyboard.press("j");
  const at = await direct.evaluate(() => [...document.querySelectorAll(".check")].indexOf(document.activeElement.parentElement));
  hold(at === 1, `j leads to check ${at}`);
  const ground = () => direct.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await direct.click(".theme");
  await direct.click(".theme");
  hold((await ground()) !== light, "the button does not change the colours");
  await direct.close();
}

async function inView(page, link) {
  await page.evaluate(() => new Promise((next) => setTimeout(next, 100)));
  return page.evaluate((id) => {
    const finding = document.getElementById(id);
    const { top, height } = finding.getBoundingClientRect();
    return height > 0 && top >= 0 && top < innerHeight;
  }, link.slice(1));
}

// On paper nothing is folded away.
async function print() {
  const page = await opened("", 1280, 900);
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  const closed = await page.$$eval("details", (all) => all.filter((one) => !one.open).length);
  hold(closed === 0, `${closed} parts stay folded on paper`);
  const paper = await page.pdf({ format: "A4" });
  hold(paper.length > 100_000, `the paper has ${paper.length} bytes`);
  await page.close();
}
