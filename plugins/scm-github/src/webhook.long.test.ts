import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { gitHubWorld } from "./testing/world.ts";

const SECRET = "it's a secret";
const text = (body: string) => new TextEncoder().encode(body);

/** With a webhook to an address where nobody listens. What was posted is kept by GitHub. */
async function withHook() {
  const world = await gitHubWorld({ webhook: { path: "/github", secret: SECRET } });
  const hook = world.shop.hook({ url: "http://127.0.0.1:9/github", secret: SECRET });
  const { scm, github } = world;
  const posted = async () => {
    await github.settled();
    return hook.deliveries.map(({ headers, payload, event, action }) => ({
      headers,
      body: text(payload),
      event,
      action,
    }));
  };
  const parse = async (headers: Record<string, string>, body: Uint8Array) => scm.parseWebhook?.(headers, body) ?? [];
  return { ...world, posted, parse };
}

it("knows the pull requests and branches of what GitHub posts, and takes each delivery once", async () => {
  const { shop, scm, posted, parse } = await withHook();
  const sha = await shop.pushCommit("feat/1", { by: "wes", files: { "cart.ts": "export const total = 2;\n" } });
  const { number } = await shop.openPull({ by: "wes", title: "Fix the total", head: "feat/1" });
  shop.comment(number, { by: "ann", body: "Mind the tax." });
  await shop.review(number, { by: "ann", verdict: "REQUEST_CHANGES", body: "Nearly." });
  shop.finishCheck(sha, { name: "test", branch: "feat/1", by: "wes", conclusion: "failure" });
  shop.addStatus({ by: "ann", sha, context: "lint", state: "success" });
  const issue = shop.openIssue({ by: "ann", title: "Something else" });

  const hints = new Map<string, unknown>();
  for (const { headers, body, event } of await posted()) {
    expect(await scm.verifyWebhook?.(headers, body)).toBe(true);
    const found = await parse(headers, body);
    if (!hints.has(event) || found.length > 0) hints.set(event, found);
    expect(await parse(headers, body)).toEqual([]);
  }
  expect(Object.fromEntries(hints)).toMatchObject({
    push: [{ branch: "feat/1" }],
    pull_request: [{ number }],
    issue_comment: [{ number }],
    pull_request_review: [{ number }],
    check_run: expect.arrayContaining([{ branch: "feat/1" }]),
    workflow_run: [{ branch: "feat/1" }],
    workflow_job: [{ branch: "feat/1" }],
    status: [expect.anything()],
    issues: [],
  });
  expect(issue.number).not.toBe(number);
}, 60_000);

it("refuses another secret, changed bytes, another repository and what is no delivery", async () => {
  const { github, shop, scm, posted, parse } = await withHook();
  shop.openIssue({ by: "ann", title: "Wrong total" });
  const [first] = await posted();
  const { headers = {}, body = text("") } = first ?? {};
  const verify = (given: Record<string, string>, raw: Uint8Array) => scm.verifyWebhook?.(given, raw);
  expect(await verify(headers, body)).toBe(true);
  expect(await verify(headers, Buffer.concat([body, Buffer.from(" ")]))).toBe(false);
  const signed = (secret: string) => `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  for (const signature of [
    signed("another"),
    signed(SECRET).toUpperCase(),
    "sha256=",
    "",
    signed(SECRET).slice(0, -1),
  ]) {
    expect(await verify({ ...headers, "x-hub-signature-256": signature }, body)).toBe(false);
  }
  const { "x-hub-signature-256": _, ...unsigned } = headers;
  expect(await verify(unsigned, body)).toBe(false);

  const other = Buffer.from(Buffer.from(body).toString().replaceAll("acme/shop", "acme/other"));
  await expect(parse({ ...headers, "x-github-delivery": "2" }, other)).rejects.toMatchObject({ code: "REFUSED" });
  await expect(parse({ ...headers, "x-github-delivery": "3" }, text("{"))).rejects.toMatchObject({ code: "USAGE" });
  await expect(parse({}, body)).rejects.toMatchObject({ code: "USAGE" });

  const form = text(`payload=${encodeURIComponent(Buffer.from(body).toString())}`);
  const asForm = { ...headers, "content-type": "application/x-www-form-urlencoded", "x-github-delivery": "4" };
  expect(await parse(asForm, form)).toEqual([]);
  expect(github.requests.filter(({ path }) => path.startsWith("/api/"))).toEqual([]); // Nothing of it is asked of GitHub.
}, 60_000);
