// An agent plugin whose facts a test writes: one JSON object per line of `facts-<session>.jsonl`, reported as they arrive, and again to
// the next daemon unless `isToldOnce` is set.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const linesOf = (file) => {
  try {
    return readFileSync(file, "utf8").split("\n").slice(0, -1);
  } catch {
    return []; // nothing has been written yet
  }
};

const create = (options = {}) => ({
  processName: "node",
  receipts: "never",
  interruptKeys: ["C-c"],
  getLaunchCommand: () => options.argv.join(" "),
  getEnvironment: () => ({}),
  getLaunchSpec: async ({ agentConfig }) => ({ argv: agentConfig.argv, promptDelivered: true }),
  async observe(session, onFact) {
    const file = join(session.agentConfig.facts, `facts-${session.id}.jsonl`);
    const { isToldOnce = false } = session.agentConfig;
    let told = isToldOnce ? linesOf(`${file}.told`).length : 0;
    let timer;
    const look = () => {
      const lines = linesOf(file);
      for (const line of lines.slice(told)) onFact(JSON.parse(line));
      told = lines.length;
      if (isToldOnce) writeFileSync(`${file}.told`, "\n".repeat(told));
      timer = setTimeout(look, 50);
    };
    look();
    return { hint: () => undefined, stop: async () => clearTimeout(timer) };
  },
});

const manifest = { name: "telling", slot: "agent", description: "Tells what a test writes down.", version: "1.0.0" };
// biome-ignore lint/style/noDefaultExport: what a plugin is
export default { manifest, create };
