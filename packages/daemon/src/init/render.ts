import { oneLine } from "@agent-orchestrator/core/model/text";
import type { BuiltinTable, EmbeddedDefaults } from "../builtin.ts";
import { missingText } from "../doctor/commands.ts";
import type { Detected } from "./detect.ts";

export interface Release {
  builtin: BuiltinTable;
  embedded: EmbeddedDefaults;
}

export interface Proposal {
  /** The config file, with comments. */
  text: string;
  /** What the user should know or do now, one line each. */
  notes: string[];
}

/** A config for a repository, as short as possible, with the other options as comments. */
export function proposeConfig(found: Detected, release: Release): Proposal {
  const agent = agentLines(found, release);
  const forge = forgeLines(found, release);
  const lines = [
    "# What ao knows about this repository. Every key: `ao config schema`, docs/config.md",
    ...(found.runtimeLacks.length === 0
      ? []
      : [`defaults: { runtime: ${release.embedded.fallbackRuntime} }  # ${lackText(found)}`]),
    "projects:",
    `  ${found.projectId}:`,
    ...forge.lines,
    `    defaultBranch: ${yamlText(found.defaultBranch)}`,
    ...agent.lines,
    ...scmLines(found, release, forge.isOnForge),
    ...listLines("copy", found.copy, "ignored files that every checkout needs"),
    ...listLines(
      "postCreate",
      found.toolChains.flatMap((chain) => chain.postCreate),
      "prepares a new checkout",
    ),
    "    # agentRules: |",
    "    #   Run the tests before you commit.",
    "    # reactions:",
    "    #   approved-and-green: { auto: true, action: auto-merge }",
  ];
  return {
    text: `${lines.join("\n")}\n`,
    notes: [
      ...agent.notes,
      ...forge.notes,
      ...(forge.isOnForge ? [] : ciNotes(found)),
      ...missingNotes(found, release),
    ],
  };
}

function agentLines(found: Detected, { builtin, embedded }: Release): { lines: string[]; notes: string[] } {
  const names = found.agents.map(({ program }) => program).join(", ");
  const [first] = found.agents.filter(({ plugin }) => Object.hasOwn(builtin.agent, plugin));
  if (first === undefined) {
    return {
      lines: [
        `    agent: ${embedded.agentWithCommand}  # any program`,
        "    agentConfig:",
        "      command: my-agent  # put your program here",
        '      args: ["{promptFile}"]  # {prompt} or {promptFile} is the task',
      ],
      notes: [
        "No agent program that ao knows is on PATH: set `agentConfig.command` to your program, then run `ao trust`.",
      ],
    };
  }
  return {
    lines: [
      `    agent: ${first.plugin}  # on PATH: ${names}`,
      "    agentConfig:",
      ...(first.command === undefined ? [] : [`      command: [${first.command.map(yamlText).join(", ")}]`]),
      "      permissions: edits  # edits and commits without asking, and runs what is allowed below; default: asks more often",
      `      allow: [${allowedScripts(found).map(yamlText).join(", ")}]  # prefixes of command lines`,
    ],
    notes: [`agent: ${first.program}, which edits freely, and asks before it runs anything that is not in \`allow\``],
  };
}

/** An agent may also run what the project's own CI runs. */
const allowedScripts = ({ toolChains }: Detected): string[] => [
  ...new Set(toolChains.flatMap((chain) => chain.ci.map(({ run }) => run))),
];

function forgeLines({ repo }: Detected, { builtin, embedded }: Release) {
  if (repo === null) return { lines: [], notes: [], isOnForge: false };
  const isOnForge = [builtin.tracker, builtin.scm].every((plugins) => Object.hasOwn(plugins, embedded.forge));
  const otherTrackers = Object.entries(builtin.tracker)
    .filter(([name]) => name !== embedded.forge && name !== embedded.local)
    .map(
      ([name, { manifest }]) =>
        `; or \`${name}\`: ${manifest.description.slice(0, 1).toLowerCase()}${manifest.description.slice(1)}`,
    )
    .join("");
  if (isOnForge)
    return {
      lines: [
        `    repo: ${yamlText(repo)}`,
        `    tracker: ${embedded.forge}  # or \`${embedded.local}\`: issues as files in this repository${otherTrackers}`,
        `    scm: ${embedded.forge}  # or \`${embedded.local}\`: pull requests, reviews and CI on this machine`,
      ],
      notes: [`issues, pull requests and CI: ${repo}; \`ao doctor\` checks whether ao can reach it`],
      isOnForge,
    };
  return {
    lines: [`    # repo: ${repo}  # issues and pull requests there need a plugin that this release does not have`],
    notes: ["Issues, pull requests and CI stay on this machine; nothing is pushed."],
    isOnForge,
  };
}

function scmLines({ toolChains }: Detected, { embedded }: Release, isOnForge: boolean): string[] {
  if (isOnForge) return [];
  const checks = toolChains.flatMap((chain) => chain.ci);
  const seen = new Map<string, number>();
  const ci = checks.map(({ name, run }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return `        - { name: ${yamlText(count === 1 ? name : `${name}-${count}`)}, run: ${yamlText(run)} }`;
  });
  const head = ["    scm:", `      plugin: ${embedded.local}  # pull requests, reviews and CI on this machine`];
  if (ci.length === 0) return [...head, "      # ci:", "      #   - { name: test, run: make test, timeout: 10m }"];
  return [...head, "      ci:", ...ci];
}

function listLines(key: string, items: readonly string[], why: string): string[] {
  return items.length === 0 ? [] : [`    ${key}: [${items.map(yamlText).join(", ")}]  # ${why}`];
}

function ciNotes({ toolChains }: Detected): string[] {
  const runs = toolChains.flatMap((chain) => chain.ci.map(({ run }) => run));
  if (runs.length === 0)
    return ["No tests were found. Add them under `scm.ci`, so that agents learn when they break something."];
  return [`CI: ${oneLine(runs.join(", "))}`];
}

const lackText = ({ runtimeLacks }: Detected): string => `${runtimeLacks.join(" and ")} is not installed`;

function missingNotes(found: Detected, { embedded }: Release): string[] {
  const { missing, runtimeLacks } = found;
  const programs = missing.map(({ program, where }) => `${missingText(program, where)}. Install it before you spawn.`);
  if (runtimeLacks.length === 0) return programs;
  return [...programs, `${lackText(found)}, so agents run without it (\`runtime: ${embedded.fallbackRuntime}\`).`];
}

/** Plain if that can't be misread, else as JSON, which is valid YAML. */
export function yamlText(text: string): string {
  const isPlain = /^[A-Za-z./][\w./@-]*(?: [\w./@=:-]*[\w./@=-])*$/.test(text);
  const isWord = /^(?:true|false|null|yes|no|on|off|y|n|\.inf|\.nan|~)$/i.test(text);
  return isPlain && !isWord ? text : JSON.stringify(text);
}
