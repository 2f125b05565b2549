// A page in a real browser: node page.mjs report|checklist CHROMIUM PAGE FOLDER
//
// Opens PAGE at the width of a desktop and of a phone, light and dark; clicks filters and links,
// asks axe, watches that nothing leaves the page, and keeps screenshots and the paper in FOLDER. Prints
// each fault on a line of its own; exit code 1 with any.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [kind, chromium, file, folder] = process.argv.slice(2);
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
  await { report, checklist }[kind]();
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
  await page.screenshot({ path: `${folder}/${kind}-${name}.png` });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  hold(wide <= width, `${name}: the page is ${wide} wide`);
  // What is folded away is judged too.
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
  for (const { id, help, nodes } of found.violations) {
    faults.push(`${name}: axe ${id}: ${help} (${nodes.length}): ${nodes[0].html.slice(0, 200)}`);
  }
  const all = await page.evaluate(() => document.documentElement.scrollWidth);
  hold(all <= width, `${name}: with all parts open the page is ${all} wide`);
  await page.close();
}

async function visible(page) {
  return page.$$eval(".entry", (all) => all.filter((one) => !one.closest("[hidden]")).length);
}

async function told(page) {
  return page.$eval(".shown", (one) => one.textContent);
}

// Takes a kind out with its chip, and puts it back.
async function chip(page, name, noun) {
  const all = await visible(page);
  await page.click(`.chip.${name}`);
  const rest = await visible(page);
  hold(rest > 0 && rest < all, `without ${name} ones ${rest} of ${all} are shown`);
  hold((await told(page)) === `${rest} of ${all} ${noun}`, `the count says ${await told(page)}`);
  const left = await page.$$eval(`.entry[data-kind="${name}"]`, (some) => some.every((one) => one.hidden));
  hold(left, `${name} ones are still shown`);
  await page.click(`.chip.${name}`);
  hold((await visible(page)) === all, "the filter is not taken back");
}

async function search(page, text) {
  const all = await visible(page);
  await page.type(".query input", text);
  const found = await visible(page);
  hold(found > 0 && found < all, `the search for ${text} shows ${found} of ${all}`);
  await page.keyboard.press("Escape");
  hold((await visible(page)) === all, "Escape does not clear the search");
}

// From the first fold to the second with a key, and through the colours.
async function keys(page) {
  await page.focus(".fold summary");
  await page.keyboard.press("j");
  const at = await page.evaluate(() => [...document.querySelectorAll(".fold")].indexOf(document.activeElement.parentElement));
  hold(at === 1, `j leads to fold ${at}`);
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.click(".theme");
  await page.click(".theme");
  hold((await ground()) !== light, "the button does not change the colours");
}

// Filters, search, deep links, the rings of the checklist, keys and colours.
async function report() {
  const page = await opened("", 1280, 900);
  const all = await visible(page);
  hold(all > 10, `only ${all} findings are shown at first`);
  hold((await told(page)) === `${all} findings`, `the count says ${await told(page)}`);
  await chip(page, "critical", "findings");
  await search(page, "secure_hsts_seconds");

  await page.click('.tiles button[data-group="nginx"]');
  const areas = await page.$$eval(".check:not([hidden])", (some) => [...new Set(some.map((one) => one.dataset.group))]);
  hold(areas.join() === "nginx", `the tile of nginx shows ${areas}`);

  // A link to what the filter hides shows it.
  const link = "#django/debug-on+settings:DEBUG";
  await page.click(`a[href="${link}"]`);
  hold(await inView(page, link), "a link does not lead to its finding");
  hold((await visible(page)) === all, "a link leaves the filters as they are");

  // The ring in the head leads to the checklist; a row that fails leads to its finding.
  await page.click('.dial a[href="#checklist"]');
  hold(await inView(page, "#checklist"), "the ring does not lead to the checklist");
  const open = () => page.$$eval(".part[open]", (some) => some.length);
  await page.click(".part:nth-of-type(1) summary");
  await page.click(".part:nth-of-type(3) summary");
  hold((await open()) === 1, `${await open()} sections of the checklist are open`);
  await page.click(".part:nth-of-type(1) summary");
  await page.click(`.rows a[href="${link}"]`);
  hold(await inView(page, link), "a row does not lead to its finding");
  await page.close();

  const direct = await opened(link, 390, 844);
  hold(await inView(direct, link), "an address with a fingerprint does not lead to its finding");
  await keys(direct);
  await direct.close();
}

// The same of the rows of a list.
async function checklist() {
  const page = await opened("", 1280, 900);
  const all = await visible(page);
  hold((await told(page)) === `${all} rows`, `the count says ${await told(page)}`);
  for (const name of ["fail", "pass", "signed"]) await chip(page, name, "rows");
  await search(page, "secret_key");
  await page.select(".choice select", "operations");
  const owners = await page.$$eval(".row:not([hidden])", (some) => [...new Set(some.map((one) => one.dataset.group))]);
  hold(owners.join() === "operations", `the owner's choice shows ${owners}`);
  const empty = await page.$$eval(".group:not([hidden])", (some) => some.filter((one) => !one.querySelector(".row:not([hidden])")).length);
  hold(empty === 0, `${empty} headings stand above nothing`);
  // What is due leads to its row, which the filter hides or not.
  const link = await page.$eval(".due a", (one) => one.getAttribute("href"));
  await page.click(`.due a[href="${link}"]`);
  hold(await inView(page, link), "what is due does not lead to its row");
  await page.click(".expand");
  const closed = await page.$$eval(".row", (some) => some.filter((one) => !one.open && !one.hidden).length);
  hold(closed === 0, `${closed} rows stay closed`);
  await page.close();

  const direct = await opened("#debug", 390, 844);
  hold(await inView(direct, "#debug"), "an address with an id does not lead to its row");
  hold(await direct.$eval("#debug", (row) => row.open), "the row is not opened");
  await keys(direct);
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
  const paper = await page.pdf({ format: "A4", path: `${folder}/${kind}.pdf` });
  hold(paper.length > 40_000, `the paper has ${paper.length} bytes`);
  await page.close();
}
