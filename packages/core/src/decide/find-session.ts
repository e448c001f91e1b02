import { AoError } from "../model/errors.ts";
import { issueKey } from "../model/issue.ts";
import type { PutAway } from "../model/put-away.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { oneLine } from "../model/text.ts";
import { isOver, prName } from "./facts-of.ts";
import { toPutAway } from "./put-away.ts";

interface Match {
  session: PutAway;
  isArchived: boolean;
  isLive: boolean;
  /** What the word names about it: `issue 42`, `PR 8`, `branch feat/42`. */
  as: string[];
}

type Names = (session: PutAway) => string[];

type Place = Pick<SessionRecord, "instanceId" | "projectId">;

/** From where a word is said, and what for. */
export interface Scope {
  /** The projects that the caller stands in. Empty: none. */
  projects: readonly Place[];
  /** The command changes something, so it must not reach another project by a number or a branch. */
  isChange: boolean;
}

const ANYWHERE: Scope = { projects: [], isChange: false };

/**
 * The session that a word names: its id; or the number of its issue or pull request (`42`, `#42`, `PR 42`), the URL of either, or its
 * branch, where exactly one live session fits. Numbers and branches mean those of the caller's own project. Never a part of an id.
 * Throws NOT_FOUND or AMBIGUOUS, with what else it could be.
 */
export function findSession(state: State, reference: string, scope: Scope = ANYWHERE): SessionRecord {
  const word = reference.trim();
  const byId = Object.hasOwn(state.sessions, word) ? state.sessions[word] : undefined;
  if (byId !== undefined) return byId;
  const namesOf = namesFor(word);
  const everywhere = [
    ...Object.values(state.sessions).map((session): Match => {
      const known = toPutAway(session);
      return { session: known, isArchived: session.isArchived, isLive: !isOver(session), as: namesOf(known) };
    }),
    ...Object.values(state.archive).map(
      (session): Match => ({ session, isArchived: true, isLive: false, as: namesOf(session) }),
    ),
  ].filter(({ as }) => as.length > 0);
  const shown = oneLine(word, 100);
  const matches = isUrl(word) ? everywhere : within(everywhere, scope);
  if (matches.length === 0 && everywhere.length > 0) throw onlyElsewhere(shown, everywhere, scope);
  const live = matches.filter(isLive);
  const meant = scope.isChange && live.length > 0 && !isUrl(word) ? [...live, ...endedElsewhere(matches, live)] : live;
  const [only] = meant;
  const found = only === undefined ? undefined : state.sessions[only.session.id];
  if (found === undefined) throw notFound(shown, matches);
  if (meant.length === 1) return found;
  throw new AoError("AMBIGUOUS", `${shown} fits several sessions: ${meant.map(describe).join(", ")}`, {
    hint: "Name one by its id.",
    details: { candidates: meant.map(({ session, as }) => ({ id: session.id, as })) },
  });
}

const isLive = (match: Match): boolean => match.isLive;
const isUrl = (word: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(word);

const isSameProject = (a: Place, b: Place): boolean => a.instanceId === b.instanceId && a.projectId === b.projectId;

/** Those of the caller's project, ended ones too. Only a command that changes nothing looks further. */
function within(matches: Match[], { projects, isChange }: Scope): Match[] {
  if (projects.length === 0) return matches;
  const own = matches.filter(({ session }) => projects.some((project) => isSameProject(project, session)));
  return own.length > 0 || isChange ? own : matches;
}

/** Ended ones of projects in which no live one fits: these may be meant as well. */
const endedElsewhere = (matches: readonly Match[], live: readonly Match[]): Match[] =>
  matches.filter((match) => !isLive(match) && !live.some(({ session }) => isSameProject(session, match.session)));

function describe(match: Match): string {
  const { session, as } = match;
  return `${session.id} (${as.join(" and ")} of ${session.projectId}${isLive(match) ? "" : `, ${stateOf(match)}`})`;
}

const stateOf = ({ isArchived, session }: Match): string => (isArchived ? "archived" : session.status);

function onlyElsewhere(shown: string, matches: readonly Match[], { projects }: Scope): AoError {
  const here = projects.map(({ projectId }) => projectId).join(", ");
  return new AoError("NOT_FOUND", `no session ${shown} in ${here}`, {
    hint: `It fits ${matches.map(describe).join(", ")}. To change a session of another project, use its id.`,
    details: { elsewhere: matches.map(({ session, as }) => ({ id: session.id, as })) },
  });
}

function notFound(shown: string, ended: readonly Match[]): AoError {
  const [first] = ended;
  if (first === undefined) {
    return new AoError("NOT_FOUND", `no session ${shown}`, { hint: "`ao status --all` lists them all." });
  }
  const newest = ended.reduce((last, each) => (each.session.createdAt > last.session.createdAt ? each : last), first);
  const { id } = newest.session;
  const state = stateOf(newest);
  return new AoError("NOT_FOUND", `no live session for ${shown}`, {
    hint: `${id} had ${newest.as.join(" and ")} and is ${state} now. Use its id: \`ao show ${id}\`.`,
    details: { ended: ended.map(({ session, as }) => ({ id: session.id, as })) },
  });
}

function namesFor(word: string): Names {
  if (isUrl(word)) return byUrl(word);
  const number = /^(?:pr\s*#?|!)(\d+)$/i.exec(word)?.[1];
  if (number !== undefined) return (session) => prNames(session, number);
  const issue = /^#(.+)$/.exec(word)?.[1] ?? (/^\d+$/.test(word) ? word : undefined);
  if (issue !== undefined) return (session) => [...issueNames(session, issue), ...prNames(session, issue)];
  const branch = word.replace(/^(?:refs\/heads\/|origin\/)/, "");
  return (session) => [
    ...([word, branch].includes(session.branch) ? [`branch ${oneLine(session.branch, 60)}`] : []),
    ...issueNames(session, word),
  ];
}

const issueNames = ({ issue }: PutAway, id: string): string[] =>
  issue !== null && [issue.id, issueKey(issue)].includes(id) ? [`issue ${oneLine(issueKey(issue), 60)}`] : [];

const prNames = ({ prs }: PutAway, number: string): string[] =>
  prs.some((pr) => pr.number === Number(number)) ? [prName({ number: Number(number) })] : [];

/** Also a page below it, as a browser shows it: its files, a commit, a comment. */
function byUrl(word: string): Names {
  const given = word.replace(/[?#].*$/, "").replace(/\/+$/, "");
  const isIt = (url: string): boolean => {
    const known = url.replace(/\/+$/, "");
    return known !== "" && (given === known || word === known || given.startsWith(`${known}/`));
  };
  return ({ issue, prs }) => {
    const fitting = prs.filter(({ url }) => isIt(url));
    return [
      ...(issue !== null && isIt(issue.url) ? [`issue ${oneLine(issueKey(issue), 60)}`] : []),
      ...fitting.map(prName),
    ];
  };
}
