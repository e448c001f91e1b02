// What is found by folder: the daemon's requests and the commands. Sources in, texts out. `scripts/docs.mjs` writes them.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "../lib.mjs";
import { table } from "./reference.mjs";

export const REQUESTS = "packages/daemon/src/handlers";
export const COMMANDS = "packages/cli/src/commands";

/** The names of a folder's files, without `.ts`, sorted. */
export const namesIn = (folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => basename(name, ".ts"))
    .sort();

/** Exports `found`: the name of each file of a folder → what it exports as `member`. */
export const exportsOf = (folder, { member, as }) => {
  const names = namesIn(folder);
  const imports = names.map((name, at) => `import { ${member} as ${as}${at} } from "./${folder}/${name}.ts";\n`);
  return `${imports.join("")}export const ${as} = { ${names.map((name, at) => `${text(name)}: ${as}${at}`).join(", ")} };\n`;
};

const text = (value) => JSON.stringify(value);
const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const key = (name) => (/^[a-z]+$/.test(name) ? name : text(name));

/** packages/daemon/src/handlers.ts */
export function requestIndex() {
  const names = namesIn(REQUESTS);
  return `// Generated from the files of \`handlers\` by \`npm run docs\`.
${names.map((name) => `import { request as ${camel(name)}Request } from "./handlers/${name}.ts";\n`).join("")}
/** Request name → its declaration. */
export const handlers = {
${names.map((name) => `  ${key(name)}: ${camel(name)}Request,\n`).join("")}};
`;
}

/** packages/cli/src/connect/request-traits.ts */
export function requestTraits(requests) {
  const rows = (isOne) =>
    Object.keys(requests)
      .filter((name) => isOne(requests[name]))
      .map((name) => `  ${key(name)}: true,\n`)
      .join("");
  return `// Generated from the daemon's requests by \`npm run docs\`.
import type { Change, RequestName } from "@agent-orchestrator/daemon/requests";

/** The requests that change something. A command gives each of them an id. */
export const CHANGES = {
${rows(({ effect }) => effect === "change")}} as const satisfies Record<Change, true>;

/** The requests that need no environment. */
export const WITHOUT_ENV = {
${rows(({ needsEnv }) => needsEnv === false)}} as const satisfies Partial<Record<RequestName, true>>;
`;
}

/** The comment above a declaration. */
function commentOf(name) {
  const source = readFileSync(join(root, REQUESTS, `${name}.ts`), "utf8");
  const found = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport const request\b/.exec(source);
  if (found === null) throw new Error(`${REQUESTS}/${name}.ts: the request has no comment`);
  return found[1]
    .replace(/^ \* ?/gm, "")
    .replace(/\s+/g, " ")
    .trim();
}

const ACCESS = { user: "the user", own: "the user; an agent, about its own session", everyone: "every process" };

export function requestTable(requests) {
  const rows = Object.entries(requests).map(([name, { access, effect, params }]) => {
    const keys = Object.entries(params.shape).map(([key, schema]) => {
      return `\`${key}${schema.safeParse(undefined).success ? "?" : ""}\``;
    });
    return [`\`${name}\``, commentOf(name).replaceAll("|", "\\|"), keys.join(", "), effect, ACCESS[access]];
  });
  return table(["request", "what it does", "parameters", "class", "who may ask"], rows);
}

/** Every command with the name of its file, in the order of the overview. */
export function inOrder(specs, groups) {
  const place = ({ spec }) => groups.indexOf(spec.group) * 10_000 + spec.position;
  return Object.entries(specs)
    .map(([file, spec]) => {
      if (spec === undefined || spec.name.replaceAll(" ", "-") !== file)
        throw new Error(`${COMMANDS}/${file}.ts: \`spec.name\` is not the name of the file`);
      return { file, spec };
    })
    .sort((a, b) => place(a) - place(b) || a.file.localeCompare(b.file, "en"));
}

/** packages/cli/src/table.ts. The commands' own files are loaded one at a time, when they are called. */
export function commandIndex(commands) {
  const rows = commands.map(({ file, spec }) => {
    return `  ${text(spec).slice(0, -1)},"load":() => import("./commands/${file}.ts")},\n`;
  });
  return `// biome-ignore-all format: one line for each command
// Generated from the files of \`commands\` by \`npm run docs\`.
import type { CommandRow } from "./command.ts";

/** Every command, in the order of the overview. Parsing, help, completions and docs/commands come from here. */
export const COMMANDS: readonly CommandRow[] = [
${rows.join("")}];
`;
}
