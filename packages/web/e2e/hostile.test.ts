import { writeFileSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Sandbox } from "../../../e2e/support/sandbox.ts";
import { CHROMIUM, DESK, openBrowser, PHONE, type Visit, visit } from "./support/browser.ts";
import { openFleet } from "./support/fleet.ts";
import { HOSTILE_BRANCH, HOSTILE_FILE, hostileTexts } from "./support/hostile.ts";

const TEXTS = hostileTexts(100);
const TABS = ["terminal", "changes", "checks", "messages", "timeline", "about"] as const;

/** Everything on the page, whatever its theme and size. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

describe.skipIf(CHROMIUM === null)("strangers' words in the page", () => {
  let box: Sandbox;
  let browser: Browser;
  let at: Visit;

  beforeAll(async () => {
    const issues = Object.fromEntries(
      TEXTS.map((text, number) => [
        `.ao/issues/${number + 100}-x.md`,
        `---\ntitle: ${JSON.stringify(text)}\nstate: open\n---\nx\n`,
      ]),
    );
    const log = TEXTS.map((text) => `printf '%s\\n' ${quoted(text)}`).join("\n");
    box = await openFleet({ ...issues, "test.sh": `${log}\nexit 1\n`, "prepare.txt": "x\n" });
    await box.get("spawn", { words: ["till"], prompt: "Work on a strange branch", branch: HOSTILE_BRANCH });
    await box.get("wait", { session: "till-1", until: ["ci_failed"], timeoutMs: 60_000 });
    const { workspacePath } = await box.get("show", { session: "till-1" });
    writeFileSync(join(workspacePath ?? "", HOSTILE_FILE), TEXTS.join("\n"));
    // They wait for the first one, so that they have no agents.
    const numbers = TEXTS.map((_, number) => String(number + 100));
    await box.get("spawn", { words: ["till", ...numbers], after: ["till-1"] });
    await box.ask("send", { session: "till-1", text: TEXTS.join("\n").slice(0, 20_000), isWaiting: false });
    browser = await openBrowser();
    at = await visit(browser, box);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await box?.close();
  }, 60_000);

  it("shows a hundred hostile titles as text", async () => {
    const { page } = at;
    await page.getByRole("article").first().waitFor();
    const frame = page.getByRole("region", { name: "Sessions" });
    for (let top = 0; top < 7_000; top += 600) await frame.evaluate((element, y) => element.scrollTo(0, y), top);
    await page.getByLabel("Search sessions").fill("onerror");
    await page.getByRole("article").first().waitFor();
  });

  it.each(TABS)("shows hostile branches, diffs, logs and messages as text in %s", async (tab) => {
    const { page } = at;
    await page.goto(`${at.origin}/s/till-1#${tab}`);
    await page
      .getByRole("heading", { name: "Work on a strange branch" })
      .or(page.getByRole("heading").first())
      .waitFor();
    if (tab === "changes") await page.getByRole("button", { name: HOSTILE_FILE }).first().waitFor({ timeout: 30_000 });
    if (tab === "checks") {
      await page.getByRole("button", { name: "Whole log" }).first().click();
      await page.locator(".whole-log .line").first().waitFor({ timeout: 30_000 });
    }
    await page.waitForLoadState("networkidle");
  });

  it("shows a hundred hostile issues in the picker, and hostile events in the log", async () => {
    const { page } = at;
    await page.goto(`${at.origin}/fleet`);
    await page.locator(".event").first().waitFor({ timeout: 30_000 });
    await page.getByRole("button", { name: "New session" }).click();
    await page.locator(".issues li").nth(99).waitFor({ timeout: 30_000 });
  });

  it("has run no script, violated no policy and asked for nothing elsewhere", async () => {
    expect(await at.page.evaluate(() => (window as unknown as { ran?: unknown }).ran)).toBeUndefined();
    expect(at.faults).toEqual([]);
  });

  it.each(["light", "dark"] as const)("has no violation of accessibility, %s", async (colorScheme) => {
    const { page } = at;
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const paths = ["/", "/fleet", ...TABS.map((tab) => `/s/till-1#${tab}`)];
    const found: string[] = [];
    for (const viewport of [DESK, PHONE]) {
      await page.setViewportSize(viewport);
      for (const path of paths) {
        await page.goto(`${at.origin}${path}`);
        await page.waitForLoadState("networkidle");
        found.push(...(await violationsOf(page)).map((text) => `${path} ${viewport.width}: ${text}`));
      }
    }
    expect(found).toEqual([]);
  });
});

const quoted = (text: string): string => `'${text.replaceAll("\0", "").replaceAll("'", "'\\''")}'`;
