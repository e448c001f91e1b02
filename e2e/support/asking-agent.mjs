// An agent plugin that asks for one permission at the start of each launch. Only `ao answer` answers it. With ASK_EACH in the
// daemon's environment, each session asks something else.
import { appendFileSync } from "node:fs";

const now = () => new Date().toISOString();
const asked = ({ id }) => `May ${process.env.ASK_EACH === undefined ? "I" : id} run \`make clean\`?`;
const dialogOf = (session) => ({
  id: `${session.id}-${session.launch}`,
  kind: "permission",
  text: `${asked(session)}\nIt removes build/.`,
  choices: ["Yes", "No, and say why"],
  takesText: true,
});

function create() {
  const told = new Map();
  const activity = (state, more = {}) => ({
    kind: "activity",
    activity: { state, since: now(), source: "protocol", evidence: state, ...more },
  });
  return {
    name: "asking",
    processName: "sleep",
    receipts: "never",
    outerMarks: [],
    getLaunchCommand: () => "sleep 1000",
    async getLaunchSpec({ prompt, instructions, resume }) {
      const given = { prompt, instructions: instructions?.text, isResumed: resume !== undefined };
      appendFileSync(process.env.AGENT_LOG, `${JSON.stringify({ given })}\n`);
      return { argv: ["sleep", "1000"], promptDelivered: true };
    },
    takesInstructions: true,
    getTranscript: async () => "user: do it\nagent: I asked about make clean",
    examine: async ({ agentConfig }) => [
      {
        level: "warning",
        text: `asking 1.2, not tried with this version (permissions: ${agentConfig.permissions ?? "edits"})`,
      },
    ],
    getEnvironment: () => ({}),
    async observe(session, onFact) {
      told.set(session.id, onFact);
      const dialog = dialogOf(session);
      onFact(activity("waiting_input", { question: asked(session), dialog }));
      return { hint: () => undefined, stop: async () => undefined };
    },
    async answer(session, choice, { dialog, number, isAlways }) {
      if (dialog.id !== dialogOf(session).id) throw new Error("another dialog");
      appendFileSync(process.env.AGENT_LOG, `${JSON.stringify({ session: session.id, choice, number, isAlways })}\n`);
      told.get(session.id)?.(activity("active"));
    },
    async interrupt(session) {
      appendFileSync(process.env.AGENT_LOG, `${JSON.stringify({ session: session.id, interrupted: true })}\n`);
    },
  };
}

const manifest = { name: "asking", slot: "agent", description: "Asks before it works", version: "1.0.0" };
// biome-ignore lint/style/noDefaultExport: what a plugin is
export default { manifest, create };
