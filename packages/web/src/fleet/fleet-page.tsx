import "../styles/fleet.css";
import "../styles/about.css";
import { age, costText } from "@agent-orchestrator/core/model/text";
import type { CostView, LoggedEvent, StatusMeta } from "@agent-orchestrator/core/protocol/results";
import { useEffect, useMemo, useState } from "preact/hooks";
import { ask } from "../connect/daemon.ts";
import { useAsk } from "../session/use-session.ts";
import { board, sessions } from "../state/board.ts";
import { followEvents, merged } from "../state/events.ts";
import { Loading, Problem } from "../ui/states.tsx";
import { nowMs } from "../world.ts";
import { EventLog } from "./event-log.tsx";
import { paceOf } from "./pace.ts";
import { AmountTable, DayBars } from "./plots.tsx";
import { type Amount, byAgent, byModel, lastDays, perDay } from "./spend.ts";

const DAYS = 7;
const EVENTS = 5_000;

/** What the whole fleet uses, how fast it is, and what happened. */
export function FleetPage() {
  const meta = board.value?.meta ?? null;
  const [events, setEvents] = useState<readonly LoggedEvent[] | null>(null);
  useEffect(() => followEvents({ limit: EVENTS }, (fresh) => setEvents((known) => merged(known ?? [], fresh))), []);
  return (
    <main id="main" class="page fleet">
      <h1 class="visually-hidden">Fleet</h1>
      {meta === null ? <Loading what="the fleet" /> : <Tiles meta={meta} events={events ?? []} />}
      <div class="fleet-grid">
        <section class="panel">
          <h2>Spending per day</h2>
          <Days />
        </section>
        <section class="panel">
          <h2>By project</h2>
          {meta !== null && <AmountTable title="Project" amounts={byProject(meta)} hasSessions={false} />}
        </section>
        <Breakdown />
      </div>
      <section class="panel">
        <h2>Events</h2>
        {events === null ? <Loading what="the events" /> : <EventLog events={events} />}
      </section>
    </main>
  );
}

function Tiles({ meta, events }: { meta: StatusMeta; events: readonly LoggedEvent[] }) {
  const pace = useMemo(() => paceOf(events), [events]);
  const count = (group: string) => sessions.value.filter((view) => view.group === group).length;
  const one = (value: number | null) => (value === null ? "–" : String(Math.round(value * 10) / 10));
  const tiles: [string, string, string][] = [
    ["Agents working", `${meta.limits.running} of ${meta.limits.max}`, "at most"],
    ["Need you", String(count("needs-you") + count("ready-to-merge")), "sessions"],
    ["Queued", String(count("queued")), "sessions"],
    ["Today", costText(meta.cost.today), `${meta.cost.today.sessions} sessions`],
    ["Time to merge", pace.medianMergeMs === null ? "–" : age(pace.medianMergeMs), `median of ${pace.merged}`],
    ["CI rounds", one(pace.ciRounds), "for each merged pull request"],
    ["Questions", one(pace.questions), "for each session"],
  ];
  return (
    <dl class="tiles">
      {tiles.map(([name, value, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <strong>{value}</strong>
            <span class="hint">{note}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const byProject = ({ cost }: StatusMeta): Amount[] =>
  cost.projects
    .map(({ projectId, total }) => ({
      name: projectId,
      usd: total.knownUsd,
      tokens: total.tokens,
      sessions: 0,
      isPartial: total.usd === null,
    }))
    .sort((a, b) => b.usd - a.usd || b.tokens - a.tokens);

/** One after another: each reads the log. */
async function spentSince(days: readonly { day: string; since: string }[]) {
  const told: { day: string; cost: CostView }[] = [];
  for (const { day, since } of days) told.push({ day, cost: (await ask("digest", { since })).cost });
  return told;
}

function Days() {
  const [days, setDays] = useState<readonly Amount[] | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    spentSince(lastDays(nowMs(), DAYS)).then((told) => setDays(perDay(told)), setError);
  }, []);
  if (error !== null) return <Problem error={error} />;
  return days === null ? <Loading what="the spending" /> : <DayBars days={days} />;
}

/** Of the sessions that the daemon still has in memory. */
function Breakdown() {
  const { data } = useAsk("status", { all: true }, "once");
  const views = data ?? [];
  return (
    <>
      <section class="panel">
        <h2>By agent</h2>
        <AmountTable title="Agent" amounts={byAgent(views)} />
      </section>
      <section class="panel">
        <h2>By model</h2>
        <AmountTable title="Model" amounts={byModel(views)} />
      </section>
    </>
  );
}
