// The picture in the README: node picture.mjs CHROMIUM PAGE PICTURE [write]
//
// Takes the picture of what PAGE shows first, or holds the one that is there against it: both made small,
// so that a number more or the edge of a letter does not count and another layout does. Exit code 1 where
// they differ.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [chromium, file, picture, mode] = process.argv.slice(2);
const WIDTH = 1280;
const HEIGHT = 960;
// Cells of the small picture, of 40 by 40 pixels each.
const CELLS = [WIDTH / 40, HEIGHT / 40];
// Of 255 levels: the most that one cell may differ, and all together on average.
const MOST = 60;
const MEAN = 4;

const browser = await puppeteer.launch({
  executablePath: chromium,
  // Chromium's sandbox refuses to run as root, which a container is.
  args: process.getuid() === 0 ? ["--no-sandbox"] : [],
});
try {
  const page = await browser.newPage();
  await page.setViewport({ width: WIDTH, height: HEIGHT });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  await page.goto(pathToFileURL(file).href);
  const now = await page.screenshot(mode === "write" ? { path: picture } : {});
  const [most, mean] = await difference(Buffer.from(now), readFileSync(picture));
  if (most > MOST || mean > MEAN) {
    console.log(`${picture} shows another page: cells differ by up to ${most}, by ${mean.toFixed(1)} on average`);
    process.exitCode = 1;
  }
} finally {
  await browser.close();
}

async function difference(...pictures) {
  const page = await browser.newPage();
  const addresses = pictures.map((one) => `data:image/png;base64,${one.toString("base64")}`);
  return page.evaluate(
    async (addresses, [columns, rows]) => {
      const small = async (address) => {
        const image = new Image();
        image.src = address;
        await image.decode();
        const canvas = new OffscreenCanvas(columns, rows);
        const drawing = canvas.getContext("2d");
        drawing.imageSmoothingQuality = "high";
        drawing.drawImage(image, 0, 0, columns, rows);
        return drawing.getImageData(0, 0, columns, rows).data;
      };
      const [one, other] = await Promise.all(addresses.map(small));
      const differences = [...one].map((level, at) => Math.abs(level - other[at]));
      return [Math.max(...differences), differences.reduce((sum, one) => sum + one, 0) / differences.length];
    },
    addresses,
    CELLS,
  );
}
