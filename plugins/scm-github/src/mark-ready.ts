import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Desk } from "./desk.ts";
import { target } from "./scm.ts";

/** REST has no such request. */
const READY = `mutation($id: ID!) {
  markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } }
}`;

/** Takes a draft out of its draft state, unless somebody has done so. */
export async function markReady(desk: Desk, pr: PRInfo, options: CallOptions = {}): Promise<void> {
  const { data } = await desk.github.say(`read pull request ${pr.number}`, () =>
    desk.github.rest.pulls.get({ ...target(desk, options), pull_number: pr.number }),
  );
  if (data.state !== "open") {
    throw new AoError("REFUSED", `pull request ${pr.number} is ${data.merged ? "merged" : "closed"}`);
  }
  if (data.draft !== true) return;
  const what = `mark pull request ${pr.number} as ready for review`;
  await desk.writer.graphql(READY, { id: data.node_id }, { what, ...options });
}
