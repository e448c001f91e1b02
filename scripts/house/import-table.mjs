/**
 * Who may import whom (docs: ARCHITECTURE.md). `from` is a folder of the repository. The most specific one counts. `may` lists
 * folders of this repository, npm packages, and `node:*` modules. A `types:` entry allows `import type` only. A folder
 * may always import itself.
 */
const CORE = "packages/core/src";
/** The types of the daemon's API. */
const REQUESTS = "packages/daemon/src/requests";
const NODE = "node:";
/** Modules of Node that only compute. */
const PATHS = ["node:path", "node:util"];

export const IMPORTS = [
  { from: `${CORE}/model`, may: ["zod"] },
  { from: `${CORE}/slots`, may: [`${CORE}/model`] },
  { from: `${CORE}/protocol`, may: [`${CORE}/model`] },
  { from: `${CORE}/host`, may: [`${CORE}/model`, `types:${CORE}/slots`, NODE] },
  { from: `${CORE}/decide`, may: [`${CORE}/model`] },
  { from: `${CORE}/observe`, may: [`${CORE}/model`, `${CORE}/slots`, `${CORE}/host`, ...PATHS] },
  { from: `${CORE}/act`, may: [`${CORE}/model`, `${CORE}/slots`, `${CORE}/host`, ...PATHS] },
  {
    from: `${CORE}/store`,
    may: [`${CORE}/model`, `${CORE}/host`, `types:${CORE}/slots`, "fs-native-extensions", "zod", NODE],
  },
  {
    from: `${CORE}/engine`,
    may: ["model", "slots", "host", "decide", "observe", "store", "act"].map((name) => `${CORE}/${name}`),
  },
  { from: CORE, may: [`${CORE}/model`, `${CORE}/slots`] },
  {
    from: "packages/plugin-kit/src",
    may: [`${CORE}/model`, `${CORE}/slots`, `${CORE}/host`, "execa", "undici", NODE],
  },
  {
    from: "packages/plugin-kit/src/github",
    may: [
      `${CORE}/model`,
      `${CORE}/slots`,
      `${CORE}/host`,
      "packages/plugin-kit/src",
      "@octokit/graphql",
      "@octokit/rest",
      "zod",
      NODE,
    ],
  },
  {
    from: "packages/agent-kit/src",
    may: [`${CORE}/model`, `${CORE}/slots`, `${CORE}/host`, "packages/plugin-kit/src", "zod", NODE],
  },
  {
    from: "packages/daemon/src",
    may: [CORE, "packages/plugin-kit/src", "chokidar", "jiti", "koffi", "ws", "yaml", "zod", NODE],
  },
  {
    from: "packages/cli/src",
    may: [
      `types:${CORE}/model`,
      `types:${CORE}/slots/common`,
      `${CORE}/model/errors`,
      `${CORE}/model/removal-notes`,
      `${CORE}/protocol`,
      `${CORE}/model/text`,
      `${CORE}/host/message-text`,
      `${CORE}/host/files`,
      `${CORE}/host/fs-port`,
      `${CORE}/host/guarded`,
      `${CORE}/host/surroundings`,
      `${CORE}/host/user`,
      `${CORE}/host/after-exit`,
      `${CORE}/host/clock`,
      `${CORE}/host/ids`,
      "packages/plugin-kit/src/process",
      `types:${REQUESTS}`,
      "chalk",
      "commander",
      "ora",
      NODE,
    ],
  },
  {
    from: "packages/web/src",
    may: [
      `${CORE}/model`,
      `${CORE}/protocol`,
      `types:${REQUESTS}`,
      "preact",
      "@preact/signals",
      "@xterm/addon-fit",
      "@xterm/addon-web-links",
      "@xterm/xterm",
    ],
  },
];

/**
 * A plugin may import the slots, the kits, `host`, and its own SDKs (any npm package), but never another plugin, the engine or
 * the store.
 */
const PLUGIN = [
  `${CORE}/model`,
  `${CORE}/slots`,
  `${CORE}/host`,
  `${CORE}/types`,
  "packages/plugin-kit/src",
  "packages/agent-kit/src",
  NODE,
  "npm:",
];

/** The only file that names plugins. */
const BUILTIN = "packages/daemon/src/builtin.ts";

/** The rule for a file, or `null` if everything is allowed (tests, scripts, testkit, examples). */
export function ruleFor(file) {
  if (file === BUILTIN) return { from: "packages/daemon/src", may: ["packages/", "plugins/", "npm:", NODE] };
  const plugin = /^(plugins\/[^/]+)\/src\//.exec(file);
  if (plugin) return { from: `${plugin[1]}/src`, may: PLUGIN };
  const rules = IMPORTS.filter((rule) => within(file, rule.from));
  return rules.sort((a, b) => b.from.length - a.from.length)[0] ?? null;
}

export function within(path, folder) {
  return path === folder || path === `${folder}.ts` || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** `target` is a file of this repository, `node:…` or an npm package's name. */
export function isAllowed(rule, { target, isTypeOnly }) {
  if (within(target, rule.from)) return rule.from !== CORE || within(target, CORE);
  return rule.may.some((entry) => {
    if (entry.startsWith("types:")) return isTypeOnly && within(target, entry.slice("types:".length));
    if (entry === NODE) return target.startsWith(NODE);
    if (entry === "npm:") return !target.includes(".ts") && !target.startsWith(NODE);
    return target === entry || within(target, entry);
  });
}
