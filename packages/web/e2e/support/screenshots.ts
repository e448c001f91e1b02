// `npm run screenshots [folder]`: each page at three sizes, in both themes.
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CHROMIUM, DESK, openBrowser, PHONE, TABLET, visit } from "./browser.ts";
import { fill, openFleet } from "./fleet.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

const PAGES: Record<string, string> = {
  board: "/",
  terminal: "/s/till-4",
  changes: "/s/till-1#changes",
  checks: "/s/till-3#checks",
  question: "/s/till-6#timeline",
  messages: "/s/till-3#messages",
  about: "/s/till-2#about",
  fleet: "/fleet",
};

const SIZES = { desk: DESK, tablet: TABLET, phone: PHONE };

const folder = resolve(process.env.INIT_CWD ?? ROOT, process.argv[2] ?? join(ROOT, "bench/results/screenshots"));
if (CHROMIUM === null) {
  console.error("ao: no Chromium was found");
  process.exit(69);
}
mkdirSync(folder, { recursive: true });
const box = await openFleet();
const browser = await openBrowser();
try {
  await fill(box);
  const { page, origin } = await visit(browser, box);
  for (const [name, path] of Object.entries(PAGES)) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        await page.goto(`${origin}${path}`);
        await page.waitForLoadState("networkidle");
        await page.waitForTimeout(500);
        await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
      }
    }
  }
  console.log(`screenshots are in ${folder}`);
} finally {
  await browser.close();
  await box.close();
}
