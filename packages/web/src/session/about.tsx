import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { ageOf, costText, oneLine, tokenCount } from "@agent-orchestrator/core/model/text";
import type { ComponentChildren } from "preact";
import { now } from "../state/clock.ts";
import { localTime } from "../words/age.ts";
import { costLong } from "../words/session-words.ts";
import { HeldComments } from "./held-comments.tsx";
import { PrCard } from "./pr-card.tsx";

/** What a session is made of: its pull request, its agent, its cost, where it works. */
export function About({ view }: { view: SessionView }) {
  return (
    <div class="about">
      {view.pr !== null && <PrCard view={view} />}
      {view.heldComments > 0 && <HeldComments view={view} />}
      <Facts view={view} />
      <Cost view={view} />
      {view.notes.length > 0 && (
        <section class="panel">
          <h2>Notes</h2>
          <ul class="plain">
            {view.notes.map((note) => (
              <li key={note}>{oneLine(note, 1_000)}</li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Row({ name, children }: { name: string; children: ComponentChildren }) {
  if (children === null || children === "" || children === false) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts({ view }: { view: SessionView }) {
  const when = (iso: string) => <time title={localTime(iso)}>{ageOf(iso, now.value)} ago</time>;
  return (
    <section class="panel">
      <h2>Session</h2>
      <dl class="facts">
        <Row name="Project">{oneLine(view.projectId, 100)}</Row>
        <Row name="Agent">
          {oneLine(view.agent, 60)} in {oneLine(view.runtime, 40)}
        </Row>
        <Row name="Before">{view.formerAgents.map((agent) => oneLine(agent, 40)).join(", ")}</Row>
        <Row name="Permissions">{view.permissions}</Row>
        <Row name="Branch">
          <code>{oneLine(view.branch, 200)}</code>
        </Row>
        <Row name="Base">{view.baseBranch === null ? null : <code>{oneLine(view.baseBranch, 200)}</code>}</Row>
        <Row name="Folder">{view.workspacePath === null ? null : <code>{oneLine(view.workspacePath, 400)}</code>}</Row>
        <Row name="Issue">{view.issue === null ? null : <IssueLink issue={view.issue} />}</Row>
        <Row name="Held">{view.held.map((text) => oneLine(text, 300)).join("; ")}</Row>
        <Row name="Created">{when(view.createdAt)}</Row>
        <Row name="Last activity">{when(view.lastActivityAt)}</Row>
        <Row name="Removed">{view.removalAt === null ? null : localTime(view.removalAt)}</Row>
      </dl>
    </section>
  );
}

function IssueLink({ issue }: { issue: NonNullable<SessionView["issue"]> }) {
  return <OutLink url={issue.url}>{oneLine(issue.title, 200)}</OutLink>;
}

/** Only to a web page. Anything else stays text. */
export function OutLink({ url, children }: { url: string; children: ComponentChildren }) {
  if (!/^https?:\/\//i.test(url)) return <>{children}</>;
  return (
    <a class="out" href={url} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}

function Cost({ view }: { view: SessionView }) {
  const { cost } = view;
  if (cost === null) return null;
  return (
    <section class="panel">
      <h2>Cost</h2>
      <p>{costLong(view)}</p>
      {cost.models.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col" class="right">
                In
              </th>
              <th scope="col" class="right">
                Out
              </th>
              <th scope="col" class="right">
                Cost
              </th>
            </tr>
          </thead>
          <tbody>
            {cost.models.map(({ model, usd, tokens, kinds }) => (
              <tr key={model}>
                <td>{oneLine(model ?? "unknown", 60)}</td>
                <td class="right">{tokenCount(kinds.input)}</td>
                <td class="right">{tokenCount(kinds.output)}</td>
                <td class="right">
                  {usd === null ? "no price" : costText({ usd, knownUsd: usd, tokens }).split(" ")[0]}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
