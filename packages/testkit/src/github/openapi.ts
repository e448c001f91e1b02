import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import type { LoggedRequest } from "./http/log.ts";
import type { Served } from "./http/surface.ts";

interface Cut {
  operations: Record<string, Record<string, object | null>>;
  webhooks: Record<string, object>;
  schemas: Record<string, object>;
}

/** GitHub's OpenAPI description, cut by `scripts/github-openapi.mjs`. */
const cut = JSON.parse(readFileSync(new URL("./fixtures/openapi.json", import.meta.url), "utf8")) as Cut;
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: "github", components: { schemas: cut.schemas } });
const compiled = new Map<string, ValidateFunction>();

/** Where the description is narrower than what GitHub has been answering for years. */
const DEVIATIONS: readonly { name: RegExp; at: RegExp; why: string }[] = [
  { name: /\/pulls/, at: /\/head\/(repo|user)$/, why: "null when the fork was deleted" },
  {
    name: /pulls\/(\{pull_number\}\/)?comments/,
    at: /\/(line|position)$/,
    why: "null for a comment whose line is gone",
  },
  {
    name: /pull-request-review-(comment|thread)-/,
    at: /\/(line|position)$/,
    why: "null for a comment whose line is gone",
  },
  { name: /^GET \/search\/issues/, at: /\/body$/, why: "null for an issue without text" },
];

function problems(name: string, schema: object, body: unknown): string[] {
  let validate = compiled.get(name);
  if (validate === undefined) {
    const text = JSON.stringify(schema).replaceAll('"#/components', '"github#/components');
    validate = ajv.compile(JSON.parse(text) as object);
    compiled.set(name, validate);
  }
  // As it is sent: without what JSON has no word for.
  if (validate(JSON.parse(JSON.stringify(body)))) return [];
  const isKnown = (at: string) => DEVIATIONS.some((one) => one.name.test(name) && one.at.test(at));
  return (validate.errors ?? [])
    .filter(({ instancePath }) => !isKnown(instancePath))
    .slice(0, 12)
    .map(({ instancePath, message, params }) => `${name} ${instancePath} ${message} ${JSON.stringify(params)}`);
}

interface Schema {
  $ref?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** A schema and all that it can be instead, as one list. */
function forms(schema: Schema): Schema[] {
  const { $ref, allOf = [], anyOf = [], oneOf = [] } = schema;
  const target = $ref === undefined ? undefined : (cut.schemas[$ref.split("/").at(-1) ?? ""] as Schema | undefined);
  return [schema, ...(target === undefined ? [] : forms(target)), ...[...allOf, ...anyOf, ...oneOf].flatMap(forms)];
}

/** Fields of an answer that the description does not know: GitHub's answers are ours to copy, not to embellish. */
export function inventedFields(schema: Schema, value: unknown, at = ""): string[] {
  const all = forms(schema);
  if (Array.isArray(value)) {
    const items = all.flatMap((one) => (one.items === undefined ? [] : [one.items]));
    return items.length === 0
      ? []
      : value.slice(0, 2).flatMap((one) => inventedFields({ anyOf: items }, one, `${at}[]`));
  }
  if (value === null || typeof value !== "object") return [];
  const shapes = all.flatMap(({ properties }) => (properties === undefined ? [] : [properties]));
  const isOpen =
    shapes.length === 0 ||
    all.some(({ additionalProperties }) => additionalProperties !== undefined && additionalProperties !== false);
  return Object.entries(value).flatMap(([key, inner]) => {
    const known = shapes.flatMap((shape) => (shape[key] === undefined ? [] : [shape[key]]));
    if (known.length > 0) return inventedFields({ anyOf: known }, inner, `${at}.${key}`);
    return isOpen ? [] : [`${at}.${key}`];
  });
}

/** What a REST answer has against the official description. Empty when it is right. */
export function answerProblems(
  { surface, method, path, template }: LoggedRequest,
  { status, body, text }: Served,
): string[] {
  if (surface !== "rest" || text !== undefined) return [];
  if (template === null)
    return status === 404 || path === "/" || path === ""
      ? []
      : status < 400
        ? [`${method} ${path} is not in the description`]
        : [];
  const name = `${method === "HEAD" ? "GET" : method} ${template}`;
  const responses = cut.operations[name];
  if (responses === undefined) return [`${name} is not in the description`];
  const schema = responses[String(status)];
  // Refusals that every operation can give, redirects and empty answers have no schema of their own.
  if (schema === undefined)
    return [301, 302, 307, 401, 403, 404, 405, 409, 410, 422, 429].includes(status)
      ? []
      : [`${name} has no answer ${status}`];
  if (schema === null) return body === undefined ? [] : status === 204 ? [`${name} ${status} has a body`] : [];
  // Refusals carry their status in the body too, which the description leaves out for some.
  const said = status < 400 ? body : { ...(body as object), status: undefined };
  const invented = inventedFields(schema as Schema, JSON.parse(JSON.stringify(said))).map(
    (field) => `${name} ${status} has ${field}, which the description does not know`,
  );
  return [...problems(`${name} ${status}`, schema, body), ...new Set(invented)];
}

/** What a webhook's payload has against the official description. */
export function payloadProblems(
  { event, action }: { event: string; action: string | null },
  payload: unknown,
): string[] {
  const name = [event, ...(action === null ? [] : [action])].join("-").replaceAll("_", "-");
  const schema = cut.webhooks[name];
  return schema === undefined ? [`${name} is not in the description`] : problems(name, schema, payload);
}
