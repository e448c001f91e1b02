import type { Sample } from "@agent-orchestrator/testkit/model-server/agreement";
import type { Sandbox } from "../../support/sandbox.ts";

/** Asks the daemon every 200 ms what it shows for each session. */
export class Sampler {
  readonly samples = new Map<string, Sample[]>();
  readonly #box: Sandbox;
  #isOn = true;
  readonly #done: Promise<void>;

  constructor(box: Sandbox, everyMs = 200) {
    this.#box = box;
    this.#done = this.#run(everyMs);
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#done;
  }

  async #run(everyMs: number): Promise<void> {
    while (this.#isOn) {
      const due = performance.now() + everyMs;
      await this.#look();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    }
  }

  async #look(): Promise<void> {
    const askedMs = Date.now();
    const status = await this.#box.ask("status", { all: true });
    const answeredMs = Date.now();
    if (!status.ok) return; // between two daemons
    for (const { id, activity, status: shown } of status.data) {
      const samples = this.samples.get(id) ?? [];
      samples.push({ atMs: askedMs, answeredMs, activity: activity?.state ?? null, status: shown });
      this.samples.set(id, samples);
    }
  }
}
