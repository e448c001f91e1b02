import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Sandbox } from "../../../e2e/support/sandbox.ts";
import { CHROMIUM, openBrowser, PHONE, type Visit, visit } from "./support/browser.ts";
import { openFleet } from "./support/fleet.ts";

describe.skipIf(CHROMIUM === null)("the loop, from the page", () => {
  let box: Sandbox;
  let browser: Browser;
  let at: Visit;
  const card = (id: string) => at.page.getByRole("article", { name: new RegExp(`^${id},`) });

  beforeAll(async () => {
    box = await openFleet();
    browser = await openBrowser();
    at = await visit(browser, box);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await box?.close();
  }, 60_000);

  it("takes the code out of the address, and stays logged in", async () => {
    expect(at.page.url()).toBe(`${at.origin}/`);
    await at.page.reload();
    await at.page.getByText("No sessions.").waitFor();
    expect(await at.context.cookies()).toEqual([]);
  });

  it("spawns an issue that was picked from the tracker's list", async () => {
    const { page } = at;
    await page.keyboard.press("n");
    const dialog = page.getByRole("dialog", { name: "New session" });
    await dialog.getByLabel("Round prices half to even").check();
    await dialog.getByRole("button", { name: "Start" }).click();
    await page.waitForURL(`${at.origin}/s/till-1`);
    await page.getByRole("heading", { name: /Round prices half to even/ }).waitFor();
    await page.goto(`${at.origin}/`);
    await card("till-1").getByText("CI passes").waitFor({ timeout: 60_000 });
  });

  it("shows its terminal, and types into it only when asked", async () => {
    const { page } = at;
    await page.goto(`${at.origin}/s/till-1`);
    await page.getByText("waiting for a message").first().waitFor({ timeout: 30_000 });
    await page.getByText("Read-only").waitFor();
    await page.getByRole("button", { name: "Type into it" }).click();
    await page.getByText("You are typing into its terminal.").waitFor();
    await page.locator(".xterm-helper-textarea").waitFor({ state: "attached" });
    await expect.poll(() => page.locator(".xterm-rows").textContent(), { timeout: 20_000 }).toContain("waiting");
    await page.locator(".xterm-helper-textarea").focus();
    await page.keyboard.type("typed in the browser\n");
    await expect
      .poll(() => page.locator(".xterm-rows").textContent(), { timeout: 20_000 })
      .toContain("note: typed in the browser");
  });

  it("sends a message, and shows its receipt", async () => {
    const { page } = at;
    await page.goto(`${at.origin}/s/till-1#messages`);
    await page.getByLabel("Message to till-1").fill("Please write a note.");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.locator(".message pre", { hasText: "Please write a note." }).waitFor();
    await expect
      .poll(() => box.repo.git("log", "--format=%s", "feat/1"), { timeout: 30_000 })
      .toContain("note: Please write a note.");
  });

  it("shows the changes, and a comment on a line becomes a review", async () => {
    const { page } = at;
    await page.goto(`${at.origin}/s/till-1#changes`);
    await page
      .getByRole("button", { name: /round\.ts/ })
      .first()
      .waitFor({ timeout: 30_000 });
    await page.getByRole("button", { name: "Comment on line 3" }).last().click();
    await page.getByRole("dialog").getByLabel("Comment").fill("Why trunc?");
    await page.getByRole("button", { name: "Add the comment" }).click();
    await page.getByText("1 comment, not sent yet").waitFor();
    await page.locator(".comment-bar").getByRole("button", { name: "Request changes" }).click();
    await expect
      .poll(() => box.repo.git("log", "--format=%b%s", "feat/1"), { timeout: 60_000 })
      .toMatch(/(note: .*){2}/s);
  });

  it("refuses in the words of the command line", async () => {
    const { page } = at;
    // Until then, the reasons change by themselves.
    await expect
      .poll(async () => (await box.get("show", { session: "till-1" })).pr?.ci, { timeout: 60_000 })
      .toBe("passing");
    const refused = await box.ao("merge", "till-1", "--yes");
    expect(refused.status).toBe(73);
    const [, words = "nothing"] = /^ao: (.*)$/m.exec(refused.stderr) ?? [];
    await page.goto(`${at.origin}/s/till-1`);
    await page.locator(".pr-card").getByRole("button", { name: "Merge" }).first().click();
    await page.getByRole("dialog").getByRole("button", { name: "Merge" }).click();
    await page.locator(".toast.bad").getByText(words).waitFor();
    await page.goto(`${at.origin}/s/till-99`);
    await page.getByRole("alert").getByText("no session till-99").waitFor();
  });

  it("approves, asks once, and merges", async () => {
    const { page } = at;
    await expect
      .poll(async () => (await box.get("show", { session: "till-1" })).pr?.ci, { timeout: 60_000 })
      .toBe("passing");
    await page.goto(`${at.origin}/s/till-1`);
    await page.locator(".session-side .pr-card").getByRole("button", { name: "Approve" }).click();
    await page.locator(".pr-card").getByText("approved", { exact: true }).first().waitFor({ timeout: 30_000 });
    await page.goto(`${at.origin}/`);
    await card("till-1").getByRole("button", { name: "Merge" }).click({ timeout: 60_000 });
    await page.getByRole("dialog").getByRole("button", { name: "Merge" }).click();
    await expect
      .poll(async () => (await box.get("show", { session: "till-1" })).status, { timeout: 60_000 })
      .toBe("merged");
    await card("till-1").waitFor({ state: "detached", timeout: 20_000 });
  });

  it("answers a question with a key", async () => {
    const { page } = at;
    await box.get("spawn", { words: ["till"], agent: "asking", prompt: "Clean the build folder" });
    await page.goto(`${at.origin}/`);
    await card("till-2").getByRole("button", { name: "Yes" }).waitFor({ timeout: 30_000 });
    await page.keyboard.press("j");
    await page.keyboard.press("1");
    await page.getByText("answered till-2: 1 Yes").waitFor();
    await expect.poll(async () => (await box.get("show", { session: "till-2" })).question).toBeNull();
  });

  it("ends a session after asking once, and restores it", async () => {
    const { page } = at;
    await page.goto(`${at.origin}/s/till-2`);
    await page.getByText("Actions").click();
    await page.getByRole("button", { name: "End it", exact: true }).click();
    await page.getByRole("dialog", { name: "End till-2?" }).getByRole("button", { name: "End it" }).click();
    await expect
      .poll(async () => (await box.get("show", { session: "till-2" })).status, { timeout: 30_000 })
      .toBe("killed");
    await page.getByText("Actions").click();
    await page.getByRole("button", { name: "Restore" }).last().click();
    await expect
      .poll(async () => (await box.get("show", { session: "till-2" })).status, { timeout: 30_000 })
      .not.toBe("killed");
  });

  it("says when the daemon is away, and goes on when it is back", async () => {
    const { page } = at;
    await page.goto(`${at.origin}/`);
    await card("till-2").waitFor();
    await box.kill9();
    await page.getByText(/The daemon is away since \d\d:\d\d\. What you see is from then\./).waitFor();
    await card("till-2").waitFor();
    await box.start();
    await box.json("dashboard", "--no-open");
    await page.getByText("live", { exact: true }).waitFor({ timeout: 30_000 });
  });

  it("works on a phone", async () => {
    const phone = await visit(browser, box, PHONE);
    const row = phone.page.getByRole("article", { name: /^till-2,/ });
    await row.getByRole("button", { name: "Yes" }).click({ timeout: 30_000 });
    await phone.page.getByText("answered till-2").waitFor();
    const isWide = await phone.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(isWide).toBe(false);
    expect(phone.faults).toEqual([]);
    await phone.context.close();
  });

  it("has had no error, no violation and no request to elsewhere", () => {
    expect(at.faults).toEqual([]);
  });
});
