import type { NoticeSession } from "@agent-orchestrator/core/model/notification";
import type { SessionCard } from "@agent-orchestrator/core/model/session-card";
import { line } from "@agent-orchestrator/plugin-kit/notice";
import { context, fallback, header, type KnownBlock, link, MAX, marked, plain, section } from "./blocks.ts";
import { openUrl } from "./buttons.ts";
import { digest } from "./ledger.ts";

/** The first message of a session's thread. */
export interface Root {
  text: string;
  blocks: KnownBlock[];
  /** The same for what looks the same. */
  digest: string;
}

const OVER = new Set<SessionCard["status"]>(["killed", "terminated", "merged", "done", "cleanup"]);

const CI: Readonly<Record<NonNullable<SessionCard["pr"]>["ci"], string | null>> = {
  passing: "CI passes",
  failing: "CI fails",
  pending: "CI runs",
  none: null,
};

const REVIEW: Readonly<Record<NonNullable<SessionCard["pr"]>["review"], string | null>> = {
  approved: "approved",
  changes_requested: "changes requested",
  pending: "review pending",
  none: null,
};

/** All that is known of a session: its last card, or else what its first notice said. */
export function renderRoot(session: string, card: SessionCard | null, about: Partial<NoticeSession> | null): Root {
  const title = line(card?.title ?? about?.title ?? "", 300);
  const name = title === "" ? session : `${session}: ${title}`;
  const place = [card?.agent ?? about?.agent ?? "", card?.branch ?? about?.branch ?? ""].map((one) => line(one, 200));
  const issue = openUrl(about?.issueUrl);
  const where = [
    ...place.filter((one) => one !== "").map((one) => plain(one, 250)),
    ...(issue === null ? [] : [marked(link({ url: issue, label: "Issue" }))]),
  ];
  const blocks = [
    header(name),
    ...(card === null ? [] : [section(plain(statusText(card), MAX.section)), ...pullRequest(card)]),
    ...(where.length === 0 ? [] : [context(...where)]),
  ];
  const text = fallback(card === null ? name : `${name} · ${statusText(card)}`);
  return { text, blocks, digest: digest(JSON.stringify([text, blocks])) };
}

function statusText({ status, because, needs }: SessionCard): string {
  const words = status.replaceAll("_", " ");
  const why = because === "" || because === words ? words : `${words}: ${because}`;
  return line(needs === null || needs === "" ? why : `${why} → ${needs}`, 2_500);
}

function pullRequest({ pr, status, needs }: SessionCard): KnownBlock[] {
  const mark = OVER.has(status) ? ":white_circle:" : needs === null ? ":large_green_circle:" : ":large_yellow_circle:";
  if (pr === null) return [context(marked(mark), plain("no pull request yet", 100))];
  const url = openUrl(pr.url);
  const label = `Pull request #${pr.number}`;
  const facts = [pr.state, CI[pr.ci], REVIEW[pr.review]].filter((one) => one !== null).join(" · ");
  return [context(marked(mark), url === null ? plain(label, 100) : marked(link({ url, label })), plain(facts, 200))];
}
