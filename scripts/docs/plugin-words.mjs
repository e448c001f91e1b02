/**
 * What the command line must know of plugins without the daemon and without loading one: words to complete, and programs to look
 * for. From the manifests of the built-in plugins.
 */
export function pluginWords({ BUILTIN, EMBEDDED_DEFAULTS }) {
  const names = (slot) => Object.keys(BUILTIN[slot]).sort();
  const manifests = Object.values(BUILTIN).flatMap((plugins) => Object.values(plugins).map(({ manifest }) => manifest));
  const programs = manifests.flatMap(({ slot, name: plugin, programs = [] }) =>
    programs.flatMap(({ name, version, hint }) =>
      version === undefined ? [] : [{ slot, plugin, argv: [name, ...version.args], hint: hint ?? `Install ${name}.` }],
    ),
  );
  const { runtime, fallbackRuntime } = EMBEDDED_DEFAULTS;
  const words = { agent: names("agent"), runtime: names("runtime"), workspace: names("workspace") };
  return `// Generated from the plugins' manifests by \`npm run docs\`.

/** Names that complete a word. */
export const PLUGIN_NAMES = {${Object.entries(words)
    .map(([slot, list]) => `\n  ${slot}: [${list.map(text).join(", ")}],`)
    .join("")}
} as const;

/** Programs whose version tells whether they can be used, with the plugin that needs each. */
export const PLUGIN_PROGRAMS = [${programs
    .map(
      ({ slot, plugin, argv, hint }) =>
        `\n  {\n    slot: ${text(slot)},\n    plugin: ${text(plugin)},\n    argv: [${argv.map(text).join(", ")}],\n    hint: ${text(hint)},\n  },`,
    )
    .join("")}
] as const;

/** The default runtime, and the one to use where a program of that one is missing. */
export const RUNTIMES = { usual: ${text(runtime)}, fallback: ${text(fallbackRuntime)} } as const;
`;
}

const text = (value) => JSON.stringify(value);
