import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Desk } from "./desk.ts";
import { pushBranch } from "./push.ts";
import { target } from "./scm.ts";

/** The open pull request of the old branch is closed in favour of one on the new branch. GitHub can't change a head. */
export async function moveBranch(
  desk: Desk,
  { from, to }: { from: string; to: string },
  options: CallOptions = {},
): Promise<void> {
  const list = await desk.github.say(`look for a pull request of ${from}`, () =>
    desk.github.rest.pulls.list({ ...target(desk, options), state: "open", head: `${desk.repo.owner}:${from}` }),
  );
  const old = list.data.find(({ head }) => head.ref === from);
  if (old === undefined) return;
  await pushBranch(desk, { branch: to }, options);
  await desk.github.say(`open a pull request for ${to}`, () =>
    desk.writer.rest.pulls.create({
      ...target(desk, options),
      title: old.title,
      body: [old.body ?? "", `Continues #${old.number}.`].join("\n\n").trim(),
      head: to,
      base: old.base.ref,
      draft: old.draft === true,
    }),
  );
  await desk.github.say(`close pull request ${old.number}`, () =>
    desk.writer.rest.pulls.update({ ...target(desk, options), pull_number: old.number, state: "closed" }),
  );
}
