import { didYouMean } from "@agent-orchestrator/core/host/suggest";
import { AoError } from "@agent-orchestrator/core/model/errors";

/** What is used of an issue of zod 4. */
interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly expected?: unknown;
  readonly values?: readonly unknown[];
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly origin?: unknown;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

const KIND: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map",
  record: "a map",
  array: "a list",
};

/** What is used of a schema of zod 4. */
interface Schema<T> {
  readonly shape: Readonly<Record<string, unknown>>;
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { readonly issues: readonly Issue[] } };
}

interface Told<T> {
  /** The plugin that the error names, such as "notifier `slack`". Unneeded where a prefix says it. */
  of?: string;
  /** The key of the config below which the options stand. */
  prefix?: string;
  /** Where the options are described. */
  page: string;
  /** What is wrong between keys that are right by themselves. */
  also?(options: T): string[];
}

/** A plugin's options. Throws CONFIG, which names all their faults. */
export function checkedOptions<T>(schema: Schema<T>, config: Record<string, unknown> | undefined, told: Told<T>): T {
  const { of, prefix, page, also } = told;
  const parsed = schema.safeParse(config ?? {});
  const known = Object.keys(schema.shape);
  const problems = parsed.success
    ? (also?.(parsed.data) ?? [])
    : optionProblems(parsed.error, { known, ...(prefix === undefined ? {} : { prefix }) });
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new AoError("CONFIG", `${of === undefined ? "" : `${of}: `}${problems.join("; ")}`, { hint: `See ${page}.` });
}

/** What is wrong with a plugin's options, one line for each fault, in plain words: `format: must be one of json, slack`. Never a value. */
export function optionProblems(
  error: { readonly issues: readonly Issue[] },
  where: { prefix?: string; known?: readonly string[] } = {},
): string[] {
  const { prefix, known = [] } = where;
  const place = (path: readonly PropertyKey[]) =>
    [...(prefix === undefined ? [] : [prefix]), ...path.map(String)].join(".") || "options";
  return error.issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [`${place(issue.path)}: ${wordsOf(issue)}`];
    return (issue.keys ?? []).map((key) => {
      const hint = issue.path.length === 0 ? didYouMean(key, known) : undefined;
      return `${place([...issue.path, key])}: is unknown${hint === undefined ? "" : `, ${hint}`}`;
    });
  });
}

function wordsOf(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return kindWords([String(issue.expected)], issue.message);
    case "invalid_value":
      return `must be ${issue.values?.length === 1 ? "" : "one of "}${(issue.values ?? []).map(String).join(", ")}`;
    case "too_small":
      return sizeWords(issue, `at least ${String(issue.minimum)}`);
    case "too_big":
      return sizeWords(issue, `at most ${String(issue.maximum)}`);
    case "invalid_key":
      return "is not allowed here";
    case "invalid_union":
      return unionWords(issue);
    default:
      return issue.message;
  }
}

const isMissing = (message: string): boolean => /received undefined$/.test(message);

function kindWords(expected: readonly string[], message: string): string {
  const kinds = [...new Set(expected.map((kind) => KIND[kind] ?? kind))].join(" or ");
  return isMissing(message) ? `is missing (${kinds})` : `must be ${kinds}`;
}

function sizeWords({ origin, message }: Issue, size: string): string {
  // What the schema's author said is better.
  if (!/^Too (?:small|big)/.test(message)) return message;
  if (origin === "number" || origin === "int") return `must be ${size}`;
  const unit = origin === "string" ? "characters" : "entries";
  return size === "at least 1" ? "must not be empty" : `must have ${size} ${unit}`;
}

/** The alternative that was meant is the one of the right kind. */
function unionWords({ errors = [], message }: Issue): string {
  const fitting = errors.filter(
    (branch) => !branch.some((one) => one.code === "invalid_type" && one.path.length === 0),
  );
  const [first] = fitting.sort((a, b) => a.length - b.length)[0] ?? [];
  if (first !== undefined) {
    const inside = first.path.length === 0 ? "" : `${first.path.map(String).join(".")} `;
    return `${inside}${wordsOf(first)}`;
  }
  const kinds = errors.flat().flatMap((one) => (one.code === "invalid_type" ? [String(one.expected)] : []));
  return kindWords(kinds, message);
}
