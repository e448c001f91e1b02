import { ConfigInput } from "@agent-orchestrator/core/model/config";
import { DEFAULT_REACTIONS } from "@agent-orchestrator/core/model/config-reactions";
import { ReactionInput, ReactionKey } from "@agent-orchestrator/core/model/reaction";
import { formatDuration } from "@agent-orchestrator/core/model/time";
import { z } from "zod";
import { KEY_CLASSES } from "./trust-keys.ts";

/** The part of a JSON schema that is used here. */
interface Schema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
}

/** The schema of a config file for editors, as JSON text. */
export function configSchemaText(): string {
  return `${JSON.stringify({ ...schemaOf(ConfigInput), title: "agent-orchestrator.yaml" }, null, 2)}\n`;
}

/** Every key of a config as Markdown tables. */
export function configKeyTables(): string {
  const head = "| key | what it takes | default | a change | meaning |\n|---|---|---|---|---|";
  const table = (lines: string[][]) => [head, ...lines.map((cells) => `| ${cells.join(" | ")} |`)].join("\n");
  const keys = table(rows(schemaOf(ConfigInput), ""));
  const ofReaction = table(rows(schemaOf(ReactionInput), "reactions.<reaction>"));
  return `${keys}\n\n### A reaction\n\n${ofReaction}\n\nWhat happens when nothing is written:\n\n${reactionTable()}`;
}

/** zod omits `default` if a value is also transformed, so the model calls it `standard`. */
function schemaOf(schema: z.ZodType): Schema {
  const json = JSON.stringify(z.toJSONSchema(schema, { io: "input" }));
  return JSON.parse(json.replaceAll('"standard":', '"default":')) as Schema;
}

function rows(schema: Schema, path: string): string[][] {
  return alternatives(schema).flatMap((one) => {
    const named = Object.entries(one.properties ?? {}).flatMap(([key, value]) => {
      const at = path === "" ? key : `${path}.${key}`;
      const cells = [`\`${at}\``, kindOf(value), defaultOf(value), changeOf(at), cell(value.description ?? "")];
      return [cells, ...rows(value, at)];
    });
    const any =
      typeof one.additionalProperties === "object" && one.properties === undefined ? one.additionalProperties : null;
    const isOfReactions = path.endsWith("reactions");
    if (any !== null && !isOfReactions) named.push(...rows(any, `${path}.<${path === "projects" ? "id" : "name"}>`));
    const ofItems = one.items === undefined ? [] : rows(one.items, `${path}[]`);
    return isOfReactions ? [] : [...named, ...ofItems];
  });
}

/** What a change of a key needs. Empty for a map, whose keys each have their own. */
function changeOf(path: string): string {
  const pattern = path.replace(/\[\].*$/, "").replaceAll(/<\w+>/g, "*");
  const keyClass = KEY_CLASSES[pattern];
  if (keyClass === undefined) return "";
  return keyClass === "waits" ? "waits" : keyClass === "free" ? "at once" : "stricter: at once";
}

const alternatives = (schema: Schema): Schema[] => schema.anyOf ?? [schema];

function kindOf(schema: Schema): string {
  const kinds = alternatives(schema).map((one) => {
    if (one.enum !== undefined) return one.enum.map((value) => `\`${String(value)}\``).join(", ");
    if (one.const !== undefined) return `\`${String(one.const)}\``;
    if (one.type === "array") return `list of ${one.items === undefined ? "anything" : kindOf(one.items)}`;
    // Either a text or a number: this is how a duration is written.
    if (Array.isArray(one.type)) return "duration";
    return (
      { string: "text", integer: "whole number", number: "number", boolean: "true, false", object: "map" }[
        one.type ?? ""
      ] ?? "anything"
    );
  });
  return [...new Set(kinds)].join(" or ");
}

function defaultOf(schema: Schema): string {
  if (schema.default === undefined) return "";
  return `\`${typeof schema.default === "string" ? schema.default : JSON.stringify(schema.default)}\``;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

function reactionTable(): string {
  const head =
    "| reaction | auto | action | retries | escalateAfter | threshold | priority |\n|---|---|---|---|---|---|---|";
  const lines = ReactionKey.options.map((key) => {
    const { auto, action, retries, escalateAfterMs, thresholdMs, priority } = DEFAULT_REACTIONS[key];
    const duration = (ms: number | null) => (ms === null ? "" : formatDuration(ms).replaceAll(" ", ""));
    return `| \`${key}\` | ${auto} | ${action} | ${retries ?? ""} | ${duration(escalateAfterMs)} | ${duration(thresholdMs)} | ${priority ?? ""} |`;
  });
  return [head, ...lines].join("\n");
}

const BEGIN = "<!-- generated: keys. Change the schema, then run `npm run docs`. -->";
const END = "<!-- generated: end -->";

/** The page with the part between the marks replaced. */
export function withKeyTables(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error("docs/config.md lost its marks");
  return `${page.slice(0, begin + BEGIN.length)}\n\n${configKeyTables()}\n\n${page.slice(end)}`;
}
