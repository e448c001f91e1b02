import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { Stage } from "./stage.ts";

/** Many real tmux sessions, each with an idle agent and an open pull request with passed CI. */
export class Fleet {
  readonly stage: Stage;
  readonly size: number;

  private constructor(stage: Stage, size: number) {
    this.stage = stage;
    this.size = size;
  }

  static async start(size: number, say: (line: string) => void): Promise<Fleet> {
    const stage = new Stage({
      agent: "idle",
      agentArgs: ["commit"],
      issues: size,
      project: `    scm: { plugin: local, ci: [{ name: test, run: "true" }] }`,
    });
    const fleet = new Fleet(stage, size);
    try {
      await stage.begin();
      const begin = performance.now();
      for (let first = 1; first <= size; first += 50) {
        const last = Math.min(size, first + 49);
        const words = Array.from({ length: last - first + 1 }, (_, n) => String(first + n));
        await stage.box.get("spawn", { words: ["app", ...words] });
      }
      say(`${size} sessions after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
      await fleet.#untilQuiet();
      say(`all idle, with a pull request each, after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
      return fleet;
    } catch (error) {
      say(stage.box.daemonLog().slice(-4000));
      await stage.close();
      throw error;
    }
  }

  async #untilQuiet(): Promise<void> {
    await waitFor(
      async () => {
        const sessions = await this.stage.box.get("status", {});
        const left = sessions.filter(({ pr, activity }) => pr?.ci !== "passing" || activity?.state !== "ready");
        return sessions.length === this.size && left.length === 0 ? true : Promise.reject(new Error(stateOf(left)));
      },
      { what: "pull requests with a passed CI", timeoutMs: 600_000, intervalMs: 1_000 },
    );
  }

  close(): Promise<void> {
    return this.stage.close();
  }
}

function stateOf(sessions: { status: string; pr: unknown; activity: unknown }[]): string {
  const [first] = sessions;
  return `${sessions.length} are not idle with a passed pull request; the first: ${JSON.stringify(first === undefined ? null : { status: first.status, pr: first.pr, activity: first.activity })}`;
}
