// Generated pages of the docs: texts in, texts out. `scripts/docs.mjs` writes them.

const HOW = "run `npm run docs`";
const END = "<!-- generated: end -->";

const row = (cells) => `| ${cells.join(" | ")} |`;
export const table = (head, rows) => [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
const cell = (text) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
const code = (text) => `\`${text}\``;

/** The page with the part between the marks of `name` generated again. */
export function replaceGenerated(page, { name, from, text }) {
  const begin = `<!-- generated: ${name}. Change ${from}, then ${HOW}. -->`;
  const start = page.indexOf(begin);
  const end = page.indexOf(END, start);
  if (start === -1 || end === -1) throw new Error(`a page lost its marks: ${begin}`);
  return `${page.slice(0, start + begin.length)}\n\n${text}\n\n${page.slice(end)}`;
}

export function errorTable(codes) {
  const rows = Object.entries(codes).map(([name, { exit, retry, meaning }]) => [
    code(name),
    exit,
    retry ? "yes" : "no",
    cell(meaning),
  ]);
  return table(["code", "exit status", "worth trying again", "meaning"], rows);
}

export function eventTable({ priorities, meanings }) {
  const order = ["urgent", "action", "warning", "info"];
  const rows = Object.entries(priorities)
    .sort(([, a], [, b]) => order.indexOf(a) - order.indexOf(b))
    .map(([type, priority]) => [code(type), priority, cell(meanings[type])]);
  return table(["event", "priority", "what happened"], rows);
}

/** `status` of a rule is a word, or depends on the session. */
export function statusTable(rules) {
  const rows = rules.map(({ rule, status }) => [
    code(rule),
    typeof status === "string" ? code(status) : "as it ended: `killed`, `terminated`, `errored`, `merged`, `done`",
  ]);
  return table(["rule", "status"], rows);
}
