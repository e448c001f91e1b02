import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { describe, expect, it } from "vitest";
import { formatProblem } from "./problem.ts";
import { checkLayer, readConfigFile } from "./read.ts";

function check(text: string): { problems: string[]; warnings: string[]; config: unknown } {
  const path = join(tempDir("ao-read"), "agent-orchestrator.yaml");
  writeFileSync(path, text);
  const file = readConfigFile(path);
  if (file === null) throw new Error("not read");
  const { problems, warnings, config } = checkLayer(file, {});
  const lines = (all: typeof problems) => all.map((problem) => formatProblem(problem));
  return { problems: lines(problems), warnings: lines(warnings), config };
}

const problemsOf = (text: string): string[] => check(text).problems;

describe("when and where notifications come", () => {
  it.each([
    [
      "remindAfter: [{ after: 1h }, { afetr: 3m }]",
      ["remindAfter[1].after: is missing", "remindAfter[1].afetr: unknown key; did you mean `after`?"],
    ],
    ["remindAfter: { after: 1h }", ["remindAfter: must be text or a number or a list, is a map"]],
    ["remindAfter: soon", ["remindAfter: must be a duration"]],
    ['quiet: { from: "25:00", to: "07:00" }', ["quiet.from: must be a time of day, such as 22:00"]],
    ['quiet: { from: "22:00", to: "07:00", timezone: Mars }', ["quiet.timezone: is no time zone"]],
  ])("%s is told in the words of its own form", (text, expected) => {
    const problems = problemsOf(`${text}\n`);
    for (const part of expected) expect(problems.join("\n")).toContain(part);
    expect(problems.length).toBeGreaterThan(0);
  });
});

describe("a config with many faults", () => {
  it("reports all of them at once, in the order of the file, each with its line, path and what was probably meant", () => {
    const text = `
prot: 3000
limits: { maxConcurrentSessions: 0 }
defaults:
  agnet: codex
  notifiers: desktop
projects:
  "42": {}
  my-app:
    agnt: codex
    permissions: skip
    cleanup: {}
    sessionPrefix: my-app
    postCreate: pnpm install
    postCreateTimeout: 5 minutes
    symlinks: [../secrets, /etc]
    agentConfig: { permissions: skp, permisions: skip }
    scm: { plugin: local, ci: [{name: test}], mergeMethod: sqash }
    runtime: 7
    reactions:
      ci-faild: {}
      agent-stuck: { threshold: 10x, auto: yes }
      agent-idle: { escalateAfter: soon }
plugins: [{ pth: ./x.ts }]
notificationRouting: { urgnt: [desktop] }
agentConfig: {}
`;
    const { problems, warnings } = check(text);
    const f = "agent-orchestrator.yaml";
    expect(problems).toEqual([
      `${f}:2: prot: unknown key; did you mean \`port\`?`,
      `${f}:3: limits.maxConcurrentSessions: must be at least 1`,
      `${f}:5: defaults.agnet: unknown key; did you mean \`agent\`?`,
      `${f}:6: defaults.notifiers: must be a list, is text; write it as a list: \`[…]\``,
      `${f}:8: projects.42: a project id must not be a number`,
      `${f}:10: projects.my-app.agnt: unknown key; did you mean \`agent\`?`,
      `${f}:11: projects.my-app.permissions: unknown key; it belongs in \`agentConfig\``,
      `${f}:12: projects.my-app.cleanup: unknown key; it belongs at the top level of the file`,
      `${f}:13: projects.my-app.sessionPrefix: must consist of at most 40 letters, digits and _ (no dash)`,
      `${f}:14: projects.my-app.postCreate: must be a list, is text; write it as a list: \`[…]\``,
      `${f}:15: projects.my-app.postCreateTimeout: must be a duration such as \`1h\``,
      `${f}:16: projects.my-app.symlinks[0]: must be a path inside the project, without \`..\``,
      `${f}:16: projects.my-app.symlinks[1]: must be a path inside the project, without \`..\``,
      `${f}:17: projects.my-app.agentConfig.permissions: must be one of default, edits, auto, skip; did you mean \`skip\`?`,
      `${f}:18: projects.my-app.scm.ci[0].run: is missing (text)`,
      `${f}:18: projects.my-app.scm.mergeMethod: must be one of merge, squash, rebase; did you mean \`squash\`?`,
      `${f}:19: projects.my-app.runtime: must be text or a map, is a number; put it in quotes`,
      `${f}:21: projects.my-app.reactions.ci-faild: unknown key; did you mean \`ci-failed\`?`,
      `${f}:22: projects.my-app.reactions.agent-stuck.threshold: must be a duration such as \`1h\``,
      `${f}:22: projects.my-app.reactions.agent-stuck.auto: must be true or false, is text; write true`,
      `${f}:23: projects.my-app.reactions.agent-idle.escalateAfter: neither a duration (30s, 5m, 1h) nor a whole number of sends`,
      `${f}:24: plugins[0].path: is missing (text)`,
      `${f}:24: plugins[0].pth: unknown key; did you mean \`path\`?`,
      `${f}:25: notificationRouting.urgnt: unknown key; did you mean \`urgent\`?`,
      `${f}:26: agentConfig: unknown key; it belongs in a project: \`projects.<id>.agentConfig\``,
    ]);
    expect(warnings).toEqual([
      `${f}:17: projects.my-app.agentConfig.permisions: unknown here; passed to the plugin; did you mean \`permissions\`?`,
    ]);
  });
});

describe("one fault", () => {
  it.each([
    ["a list instead of a map", "- a\n", "agent-orchestrator.yaml:1: must be a map, is a list"],
    ["a duplicate key", "port: 1\nport: 2\n", "agent-orchestrator.yaml:2: the key `port` appears twice"],
    [
      "two documents",
      "port: 1\n---\nport: 2\n",
      "agent-orchestrator.yaml:2: not YAML: Source contains multiple documents",
    ],
    [
      "a bracket left open",
      "plugins: [\nport: 1\n",
      "agent-orchestrator.yaml:2: not YAML: Flow sequence in block collection",
    ],
    ["a map as a key", "? {a: b}\n: c\n", "agent-orchestrator.yaml:1: a key must be a plain word"],
    [
      "a tab as indentation",
      "limits:\n\tx: 1\n",
      "agent-orchestrator.yaml:2: not YAML: Tabs are not allowed as indentation",
    ],
    ["a project id with a slash", "projects: { a/b: {} }", "not a project id"],
    ["a bare word as port", "port: many", "port: must be a number, is text"],
    ["a duration or a word", "cleanup: { merged: 1x }", "cleanup.merged: must be a duration such as `1h`, or `never`"],
    ["a port out of range", "port: 70000", "port: must be at most 65535"],
    ["a branch that is an option", "projects: { a: { defaultBranch: --upload-pack=x } }", "not a branch name"],
    ["a branch with a range", "projects: { a: { defaultBranch: a..b } }", "not a branch name"],
    ["a plugin name with a path", "projects: { a: { runtime: ../x } }", "not the name of a plugin or npm package"],
    ["a working folder outside", "projects: { a: { cwd: ../b } }", "must be a path inside the project"],
    ["a repo that is a URL", "projects: { a: { repo: 'https://x/y/z' } }", "not of the form owner/name"],
  ])("%s", (_, text, expected) => {
    expect(problemsOf(text).join("\n")).toContain(expected);
  });

  it("is none of these: an empty file, a byte order mark, CRLF line ends, only comments", () => {
    for (const text of ["", "\ufeffport: 1\n", "port: 1\r\nlimits:\r\n  maxConcurrentSessions: 2\r\n", "# nothing\n"]) {
      expect(problemsOf(text)).toEqual([]);
    }
  });

  it("reads an unquoted variable inside braces, as people write it, and leaves other braces alone", () => {
    const text = 'notifiers: { a: { token: ${A}, list: [${B:-x}, "${C}"], "${D}": $${E} } }\n';
    const { problems, config } = check(text);
    expect(problems).toEqual([]);
    expect(config).toEqual({
      notifiers: { a: { token: "${A}", list: ["${B:-x}", "${C}"], "${D}": "$${E}" } },
    });
    expect(problemsOf("port: 1 # ${X}\nprot: {a: ${Y}}\n")).toEqual([
      "agent-orchestrator.yaml:2: prot: unknown key; did you mean `port`?",
    ]);
    expect(check("notifiers: { a: { b: '{\ue000}' } }").config).toEqual({ notifiers: { a: { b: "{\ue000}" } } });
  });

  it("reports a file that is too large, a folder, and a file that is not text", () => {
    const dir = tempDir("ao-read");
    const fails = (path: string) => {
      try {
        readConfigFile(path);
      } catch (error) {
        return isAoError(error) && error.code === "CONFIG" ? error.message : error;
      }
      return null;
    };
    writeFileSync(join(dir, "big.yaml"), "# filler\n".repeat(1_200_000));
    writeFileSync(join(dir, "latin.yaml"), Buffer.from([0x70, 0x3a, 0x20, 0xe4, 0x0a]));
    expect(fails(dir)).toContain("it is not a file");
    expect(fails(join(dir, "big.yaml"))).toBe("big.yaml can't be used: it is larger than 256 KiB");
    expect(fails(join(dir, "latin.yaml"))).toContain("not UTF-8");
    expect(readConfigFile(join(dir, "absent.yaml"))).toBe(null);
  });
});

describe("hostile YAML is refused within 100 ms of work and without a trace", () => {
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]", ..."bcdefghij"]
    .map((key, i, all) =>
      i === 0
        ? key
        : `${key}: &${key} [${Array(9)
            .fill(`*${i === 1 ? "a" : all[i - 1]}`)
            .join(",")}]`,
    )
    .join("\n");
  it.each([
    ["an alias bomb", bomb, "aliases"],
    ["20,000 open brackets", `a: ${"[".repeat(20_000)}`, "nested deeper"],
    ["20,000 open maps", "{a: ".repeat(20_000), "nested deeper"],
    ["9,000 balanced brackets over many lines", `${"[\n".repeat(9_000)}${"]".repeat(9_000)}`, "nested deeper"],
    ["100,000 dashes on a line", "- ".repeat(100_000), "nested deeper"],
    ["100,000 question marks", "? ".repeat(100_000), "nested deeper"],
    ["nesting by indentation", Array.from({ length: 600 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"), "nested deeper"],
    ["dashes by indentation", Array.from({ length: 600 }, (_, i) => `${" ".repeat(i)}-`).join("\n"), "nested deeper"],
    ["50,000 duplicate keys", "a: b\n".repeat(50_000), "too many entries"],
    ["__proto__ as a key", "__proto__: { polluted: true }\n", "not allowed as a key"],
    [
      "a nested __proto__",
      "projects: { a: { agentConfig: { __proto__: { polluted: true } } } }",
      "not allowed as a key",
    ],
    ["a quoted __proto__", '"__proto__": { polluted: true }\n', "not allowed as a key"],
    ["a merge key", "base: &b { polluted: true }\nprojects:\n  a:\n    <<: *b\n", "merge keys"],
    ["a tag", "port: !!binary aGVsbG8=\n", "tags (`tag:yaml.org,2002:binary`) are not supported"],
    ["a tag of a language", "port: !!js/function 'function(){}'\n", "tags"],
    ["a directive", "%YAML 1.1\n---\nport: 0x10\n", "directives"],
    ["a tag directive", "%TAG ! tag:evil,2000:\n---\nport: 1\n", "directives"],
    ["a constructor", "constructor: { prototype: { polluted: true } }\n", "unknown key"],
  ])("%s", (_, text, expected) => {
    problemsOf("port: 1");
    const path = join(tempDir("ao-hostile"), "agent-orchestrator.yaml");
    writeFileSync(path, text);
    const before = process.cpuUsage();
    const file = readConfigFile(path);
    const layer = file === null ? null : checkLayer(file, {});
    // CPU time of this process only, because the machine may be busy with something else.
    const ms = process.cpuUsage(before).user / 1000;
    expect(layer?.problems.map((problem) => problem.message).join("\n")).toContain(expected);
    expect(layer?.problems.length).toBeLessThanOrEqual(250);
    expect(({} as Record<string, unknown>).polluted).toBe(undefined);
    expect(ms).toBeLessThan(100);
  });
});
