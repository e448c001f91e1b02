import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CommandSpec, Context, Run } from "../command.ts";
import { daemonAnswers } from "../connect/connect.ts";
import { proofsOf } from "../connect/proofs.ts";
import { spoolFact } from "../connect/spool.ts";

export const spec: CommandSpec = {
  name: "report",
  group: "agents",
  position: 20,
  summary: "Report what the agent of a session is doing",
  args: "<state>",
  complete: ["working", "waiting", "needs_input", "blocked", "done"],
  details:
    "The state is working, waiting, needs_input, blocked or done. Without --session it is the session that the command runs in. If no daemon is running, the report is stored for the next one.",
  options: [
    { flags: "-n, --note <text>", text: "what you should know" },
    { flags: "--session <session>", text: "use this session instead", complete: "session" },
  ],
  examples: [
    ["ao report done", "the agent has finished"],
    ['ao report needs_input --note "which database?"', "the agent has a question for you"],
  ],
};

const STATES = ["working", "waiting", "needs_input", "blocked", "done"];

/** Hooks call this, so it is quick and starts no daemon. Without one the report is stored for the next. */
export const run: Run = async (input, context) => {
  const state = input.args[0] ?? "";
  const note = input.text("note");
  const session = input.text("session");
  if (!STATES.includes(state)) {
    throw new AoError("USAGE", `unknown state: ${state}`, { hint: `Use one of ${STATES.join(", ")}.` });
  }
  const params = { state, ...(note === undefined ? {} : { note }), ...(session === undefined ? {} : { session }) };
  if (!(await daemonAnswers(context))) {
    const known = session ?? context.io.env.AO_SESSION_ID;
    if (known !== undefined && known !== "") return spool(context, { session: known, state, note: note ?? null });
  }
  const { data, meta } = await context.ask("report", params);
  context.show(data, () => `${data.session}: ${data.state}\n`, meta);
  return 0;
};

function spool(context: Context, fact: { session: string; state: string; note: string | null }): number {
  const { sessionId, proof, token } = proofsOf(context);
  spoolFact(context, { kind: "report", ...fact, proof: sessionId === undefined ? token : proof });
  context.show(
    { session: fact.session, state: fact.state },
    () => `${fact.session}: ${fact.state} (stored for the next daemon)\n`,
    {
      isSpooled: true,
    },
  );
  return 0;
}
