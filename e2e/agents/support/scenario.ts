import { expect, it } from "vitest";
import { isNightly, ofToday } from "../../support/tier.ts";
import { AgentBox, type AgentBoxOptions } from "./agent-box.ts";
import type { Ability, AgentKind } from "./agent-kind.ts";
import { kinds as allKinds } from "./kinds.ts";

export interface Scenario {
  name: string;
  needs: Ability;
  options: AgentBoxOptions | ((kind: AgentKind) => AgentBoxOptions);
  timeoutMs?: number;
  /** Default: all agents of this run. */
  kinds?: AgentKind[];
  /** It waits for minutes: nightly only. */
  isLong?: boolean;
  /** The main job: every agent of this run plays it every day. The others are played by one agent each day, by all at night. */
  isMain?: boolean;
  play(box: AgentBox): Promise<void>;
}

/**
 * One test for each agent of this run. Whatever the scenario is about, the shown status must never be wrong for long: it must not
 * call the user without a reason, nor fail to call.
 */
export function scenario({ name, needs, options, timeoutMs = 300_000, play, ...of }: Scenario): void {
  const kinds = of.kinds ?? allKinds;
  if (kinds.length === 0) it.skip(`${name} (no agent programs for it here: npm run test:agents)`);
  if (of.isLong === true && !isNightly) {
    it.skip(`${name} (nightly: AO_TEST_TIER=nightly)`);
    return;
  }
  const able = kinds.filter(({ lacks }) => lacks[needs] === undefined);
  const today = of.isMain === true || process.env.AO_TEST_AGENTS !== undefined ? null : ofToday(able, name);
  for (const kind of kinds) {
    const title = `${kind.name} ${kind.version}: ${name}`;
    const lack = kind.lacks[needs];
    if (lack !== undefined) {
      it.skip(`${title} (skipped: ${lack})`);
      continue;
    }
    if (today !== null && kind !== today) {
      it.skip(`${title} (today by ${today.name}, at night by all)`);
      continue;
    }
    it(title, { timeout: timeoutMs }, async ({ task }) => {
      const attempt = { scenario: name, attempt: task.result?.retryCount ?? 0 };
      const box = await AgentBox.open(kind, typeof options === "function" ? options(kind) : options, attempt);
      try {
        await play(box);
      } catch (error) {
        process.stderr.write(`${title}\n${await box.diagnose()}\n`);
        throw error;
      } finally {
        const found = await box.agreement().finally(() => box.close());
        for (const [session, { longLies }] of Object.entries(found)) {
          expect.soft(longLies, `false needs_input or idle of ${session}`).toEqual([]);
        }
      }
    });
  }
}
