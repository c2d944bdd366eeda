/* SPDX-License-Identifier: Apache-2.0
 * picture.mjs CHROMIUM REPORT.html OUT.png [HOST]: what a report looks like, with a host chosen; for the manual.
 */
import { chromium } from "playwright-core";
import { resolve } from "node:path";

const [, , executablePath, report, out, host] = process.argv;
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1600, height: 1000 }, colorScheme: "light" });
await page.goto(`file://${resolve(report)}`);
if (host) {
	await page.locator(".box", { has: page.locator(`text="${host}"`) }).first().click();
	await page.mouse.move(0, 0);
}
await page.waitForTimeout(200);
await page.screenshot({ path: out });
await browser.close();
