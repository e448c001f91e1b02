import type { Call } from "./script.ts";

export interface ToolCall {
  name: string;
  arguments: string;
}

type Words = Record<string, unknown>;

/** How to express each verb with the tools that this client offers. The first available tool is used. */
const DIALECTS: Record<Exclude<Call["verb"], "tool">, Record<string, (words: string[]) => Words>> = {
  write: {
    Write: ([path, text]) => ({ file_path: path, content: text }),
    write: ([path, text]) => ({ filePath: path, path, content: text }),
    write_file: ([path, text]) => ({ file_path: path, content: text }),
    exec_command: ([path = "", text = ""]) => ({ cmd: `printf '%s' ${quote(text)} > ${quote(path)}` }),
    shell: ([path = "", text = ""]) => ({ command: ["bash", "-c", `printf '%s' ${quote(text)} > ${quote(path)}`] }),
  },
  edit: {
    Edit: ([path, from, to]) => ({ file_path: path, old_string: from, new_string: to }),
    edit: ([path, from, to]) => ({ filePath: path, path, oldString: from, newString: to }),
    exec_command: ([path = "", from = "", to = ""]) => ({
      cmd: `sed -i ${quote(`s|${from}|${to.replaceAll("\n", "\\n")}|`)} ${quote(path)}`,
    }),
  },
  read: {
    Read: ([path]) => ({ file_path: path }),
    read: ([path]) => ({ filePath: path, path }),
    exec_command: ([path = ""]) => ({ cmd: `cat ${quote(path)}` }),
  },
  sh: {
    Bash: ([command]) => ({ command, description: "Run a command" }),
    bash: ([command]) => ({ command, description: "Run a command" }),
    exec_command: ([command]) => ({ cmd: command }),
    shell: ([command]) => ({ command: ["bash", "-c", command] }),
    run_shell_command: ([command]) => ({ command }),
  },
  gated: {
    Bash: ([command]) => ({ command, description: "Run a command" }),
    bash: ([command]) => ({ command, description: "Run a command" }),
    exec_command: ([command]) => ({
      cmd: command,
      sandbox_permissions: "require_escalated",
      justification: "May I run this?",
    }),
  },
  ask: {
    AskUserQuestion: (words) => ({ questions: [{ ...question(words), multiSelect: false }] }),
    question: (words) => ({ questions: [question(words)] }),
    request_user_input: (words) => ({ questions: [{ ...question(words), id: "q1" }] }),
  },
};

/** Null if this client offers no tool for it. */
export function toolCallFor(call: Call, names: string[]): ToolCall | null {
  if (call.verb === "tool") {
    const [name = "", ...words] = call.rest.split(/\s+/);
    return { name, arguments: words.join(" ") };
  }
  const dialect = DIALECTS[call.verb];
  const name = Object.keys(dialect).find((tool) => names.includes(tool));
  const say = name === undefined ? undefined : dialect[name];
  if (name === undefined || say === undefined) return null;
  return { name, arguments: JSON.stringify(say(wordsOf(call.verb, call.rest))) };
}

function wordsOf(verb: string, rest: string): string[] {
  if (verb === "sh" || verb === "gated") return [rest];
  const words = rest.split("|").map((word) => word.replaceAll("\\n", "\n"));
  if (verb !== "write") return words;
  const [path = "", ...text] = words;
  return [path.trim(), `${text.join("|")}\n`];
}

function question([text = "", ...labels]: string[]): Words {
  return {
    question: text,
    header: "Choice",
    options: labels.map((label) => ({ label, description: `Choose ${label}` })),
  };
}

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
