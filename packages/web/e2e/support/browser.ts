import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Sandbox } from "../../../../e2e/support/sandbox.ts";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Null: there is none here, so the tests with it are skipped. */
export const CHROMIUM: string | null = process.env.AO_CHROMIUM ?? PLACES.find((path) => existsSync(path)) ?? null;

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM ?? "",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

export interface Visit {
  page: Page;
  context: BrowserContext;
  origin: string;
  /** What a page must never have: errors, violations of its policy, requests to elsewhere. */
  faults: string[];
}

export const DESK = { width: 1440, height: 900 };
export const TABLET = { width: 820, height: 1180 };
export const PHONE = { width: 360, height: 760 };

/** A browser that has opened the link of `ao dashboard`. */
export async function visit(browser: Browser, box: Sandbox, viewport = DESK): Promise<Visit> {
  const { link } = await box.json<{ link: string }>("dashboard", "--no-open");
  const { origin } = new URL(link);
  const context = await browser.newContext({ viewport, reducedMotion: "reduce" });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) faults.push(`policy: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("data:")) faults.push(`asked ${request.url()}`);
  });
  await page.goto(link);
  await page.getByRole("heading", { name: "Sessions", exact: true }).waitFor();
  return { page, context, origin, faults };
}
