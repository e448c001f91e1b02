import type { Talk } from "./talk.ts";

type Reply = { action: "accept"; content: Record<string, unknown> } | { action: "decline" | "cancel" };

interface Field {
  key: string;
  /** The type of the answer, and the choices with their values. */
  type: "string" | "number" | "integer" | "boolean";
  choices: { label: string; value: unknown }[];
  title: string | null;
}

/** The agent's question. A form with one field becomes a dialog. One with more fields is declined. */
export async function askQuestion(talk: Talk, params: unknown): Promise<Reply> {
  const { message, mode, requestedSchema } = Object(params) as Record<string, unknown>;
  const field = mode === "form" ? fieldOf(requestedSchema) : null;
  talk.turns.noteSign();
  if (field === null) {
    talk.view.note(`The agent asks for more than can be answered here: ${String(message)}`);
    return { action: "decline" };
  }
  const answer = await talk.dialogs.ask({
    kind: "question",
    text: [String(message), field.title].filter(Boolean).join("\n"),
    choices: field.choices.map(({ label }) => ({ label, isAlways: false, isRefusal: false })),
    takesText: field.choices.length === 0,
  });
  if (answer === null) return { action: "cancel" };
  const value = "index" in answer ? field.choices[answer.index]?.value : parsed(field, answer.text);
  if (value === undefined) return { action: "decline" };
  return { action: "accept", content: { [field.key]: value } };
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** The only field of a form. Null if it has none, several, or one of an unknown kind. */
function fieldOf(schema: unknown): Field | null {
  const entries = Object.entries(record(record(schema).properties));
  const [key, raw] = entries[0] ?? [];
  if (entries.length !== 1 || key === undefined) return null;
  const { type, title, description, oneOf } = record(raw);
  const base = { key, title: [title, description].find((each): each is string => typeof each === "string") ?? null };
  if (type === "boolean")
    return {
      ...base,
      type,
      choices: [
        { label: "Yes", value: true },
        { label: "No", value: false },
      ],
    };
  if (type !== "string" && type !== "number" && type !== "integer") return null;
  const plain = record(raw).enum;
  const options = Array.isArray(oneOf)
    ? oneOf.map(record)
    : Array.isArray(plain)
      ? plain.map((each) => ({ const: each }))
      : [];
  const choices = options.map((option) => ({
    label: String("title" in option && option.title !== undefined ? option.title : option.const),
    value: option.const,
  }));
  return { ...base, type, choices };
}

function parsed({ type }: Field, text: string): unknown {
  if (type === "string") return text;
  const number = Number(text);
  return Number.isFinite(number) && (type === "number" || Number.isInteger(number)) ? number : undefined;
}
