import { fileURLToPath } from "node:url";
import { freePort } from "@agent-orchestrator/testkit/free-port";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { Sandbox } from "../../../../e2e/support/sandbox.ts";

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const ASKING = fileURLToPath(new URL("../../../../e2e/support/asking-agent.mjs", import.meta.url));

const issue = (title: string, behave: string, text: string) =>
  `---\ntitle: ${title}\nstate: open\n---\n${text}\n\nbehave: ${behave}\n`;

const ISSUES: Record<string, string> = {
  "1-round.md": issue("Round prices half to even", "fix", "A price of 2.5 cents becomes 2 cents."),
  "2-tax.md": issue("Show the total with tax on the receipt", "fix", "Customers ask for it every day."),
  "3-negative.md": issue("Reject negative quantities", "bad", "The till accepts minus two apples."),
  "4-ledger.md": issue("Migrate the ledger to double entry", "slow", "Every amount has to be there twice."),
  "5-crash.md": issue("Export a month as CSV", "crash", "For the accountant."),
  "6-report.md": issue("Print a daily report at closing time", "fix", "With the cash that should be in the drawer."),
  "7-receipts.md": issue("Delete receipts after ten years", "fix", "The law says so."),
};

const configOn = (port: number): string => `port: ${port}
defaults: { runtime: process, agent: command }
plugins: [{ path: ${JSON.stringify(ASKING)} }]
projects:
  till:
    agentConfig: { command: ${JSON.stringify(process.execPath)}, args: [${JSON.stringify(path("worker.mjs"))}], quietMs: 400 }
    scm: { plugin: local, ci: [{ name: lint, run: "true" }, { name: test, run: "sh test.sh" }] }
`;

const TEST = `for n in $(seq 1 60); do echo "ok $n - price $n is rounded"; done
if grep -q BUG src/*.ts 2>/dev/null; then
  echo "not ok 61 - a negative quantity is refused"
  echo "  AssertionError: expected -2 to be refused"
  echo "    at src/round.ts:6:10"
  exit 1
fi
echo "# all passed"
`;

const SOURCE = "export const price = (cents: number): string => `€${(cents / 100).toFixed(2)}`;\n";

/** A small shop's repository with the real daemon. */
export async function openFleet(more: Record<string, string> = {}): Promise<Sandbox> {
  const files = Object.fromEntries(Object.entries(ISSUES).map(([name, text]) => [`.ao/issues/${name}`, text]));
  const box = new Sandbox({
    folder: "till",
    issues: 0,
    files: { ...files, "test.sh": TEST, "src/price.ts": SOURCE, "README.md": "# till\n\nA small till.\n", ...more },
  });
  box.repo.write("agent-orchestrator.yaml", configOn(await freePort()));
  await box.start();
  await box.trust();
  return box;
}

/** Starts a session of each kind, and waits until each is where it belongs. */
export async function fill(box: Sandbox): Promise<void> {
  await box.get("spawn", { words: ["till", "1", "2", "3", "4"] });
  await box.ask("spawn", { words: ["till", "5"] });
  await box.get("spawn", { words: ["till"], agent: "asking", prompt: "Clean the build folder and build again" });
  await box.get("spawn", { words: ["till", "6"], after: ["till-4"] });
  const until = (session: string, status: "review_pending" | "ci_failed" | "mergeable") =>
    box.get("wait", { session, until: [status], timeoutMs: 60_000 });
  await until("till-1", "review_pending");
  await until("till-2", "review_pending");
  await box.get("review", { session: "till-2", state: "approved" });
  await until("till-2", "mergeable");
  await until("till-3", "ci_failed");
  await waitFor(async () => (await box.get("show", { session: "till-6" })).question !== null, { what: "the question" });
}
