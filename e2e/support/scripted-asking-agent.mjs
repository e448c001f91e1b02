// As asking-agent.mjs, but each session asks and goes on as the lines of a file say: `app-1 ask DIALOG WORDS`, `app-1 work`.
import { existsSync, readFileSync } from "node:fs";
import asking from "./asking-agent.mjs";

const now = () => new Date().toISOString();
const linesFor = (id) =>
  existsSync(`${process.env.AGENT_LOG}.steps`)
    ? readFileSync(`${process.env.AGENT_LOG}.steps`, "utf8")
        .split("\n")
        .filter((line) => line.startsWith(`${id} `))
    : [];

function factOf(line) {
  const [, what, id, ...words] = line.split(" ");
  const activity = { since: now(), source: "protocol", evidence: what };
  if (what === "work") return { kind: "activity", activity: { ...activity, state: "active" } };
  const dialog = { id, kind: "permission", text: words.join(" "), choices: ["Yes", "No"], takesText: false };
  return { kind: "activity", activity: { ...activity, state: "waiting_input", question: dialog.text, dialog } };
}

function create() {
  return {
    ...asking.create(),
    async observe(session, onFact) {
      let done = 0;
      const timer = setInterval(() => {
        for (const line of linesFor(session.id).slice(done)) {
          onFact(factOf(line));
          done += 1;
        }
      }, 50);
      return { hint: () => undefined, stop: async () => clearInterval(timer) };
    },
    answer: async () => undefined,
  };
}

const manifest = { ...asking.manifest, name: "scripted" };
// biome-ignore lint/style/noDefaultExport: what a plugin is
export default { manifest, create };
