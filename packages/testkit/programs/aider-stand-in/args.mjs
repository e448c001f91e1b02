// The options of aider that the stand-in knows. Any other is an error, as in aider.
const SWITCHES = {
  gitignore: true,
  "check-update": true,
  "show-release-notes": false,
  analytics: false,
  "show-model-warnings": true,
  "detect-urls": true,
  "fancy-input": true,
  multiline: false,
  "restore-chat-history": false,
  notifications: false,
  "auto-commits": true,
  "dirty-commits": true,
  "suggest-shell-commands": true,
  pretty: true,
  stream: true,
  git: true,
};
const FLAGS = ["yes-always", "version", "exit"];
const VALUES = [
  "chat-history-file",
  "input-history-file",
  "llm-history-file",
  "notifications-command",
  "model",
  "weak-model",
  "openai-api-base",
  "openai-api-key",
  "message",
  "message-file",
  "encoding",
  "map-tokens",
];
const SHORT = { "-m": "message", "--msg": "message", "-f": "message-file" };

/** Throws an error about the first option that it does not know. */
export function parseArgs(argv, env = process.env) {
  const options = { ...SWITCHES, read: [], files: [], model: env.AIDER_MODEL };
  const words = [...argv];
  while (words.length > 0) {
    const word = words.shift();
    const [head, inline] = word.startsWith("--") && word.includes("=") ? split(word) : [word, undefined];
    const name = SHORT[head] ?? head.replace(/^--/, "");
    const value = () => inline ?? words.shift() ?? fail(`expected one argument after ${word}`);
    if (!word.startsWith("-")) options.files.push(word);
    else if (name === "read" || name === "file") options[name === "read" ? "read" : "files"].push(value());
    else if (VALUES.includes(name)) options[name] = value();
    else if (FLAGS.includes(name)) options[name] = true;
    else if (name in SWITCHES) options[name] = true;
    else if (name.startsWith("no-") && name.slice(3) in SWITCHES) options[name.slice(3)] = false;
    else fail(`unrecognized arguments: ${word}`);
  }
  return options;
}

const split = (word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)];

function fail(text) {
  throw new Error(text);
}
