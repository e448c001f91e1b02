import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSchema, type GraphQLSchema } from "graphql";

/**
 * Linear's GraphQL schema, from the types that ship with its SDK: object types, interfaces, unions, inputs, enums, and the arguments
 * of each field (`QueryIssuesArgs`). It is what the SDK's own queries were generated from, so a query that it refuses is one that
 * Linear would refuse.
 */
export function linearSchema(): GraphQLSchema {
  known ??= buildSchema(sdlOf(sdkTypes()), { assumeValidSDL: true });
  return known;
}
let known: GraphQLSchema | undefined;

/** The declarations before the first fragment: everything after it is about the SDK's own queries. */
export function sdkTypes(): string {
  const folder = dirname(fileURLToPath(import.meta.resolve("@linear/sdk")));
  const name = readdirSync(folder).find((file) => /^index-.*\.d\.mts$/.test(file));
  if (name === undefined) throw new Error("the types of @linear/sdk are not where they were");
  const text = readFileSync(join(folder, name), "utf8");
  return text.slice(0, text.search(/^type \w+Fragment = /m));
}

interface Member {
  name: string;
  type: string;
}
interface Declaration {
  name: string;
  /** Interfaces that it implements. */
  parents: string[];
  members: Member[];
}
interface Declarations {
  shapes: Map<string, Declaration>;
  unions: Map<string, string[]>;
  enums: Map<string, string[]>;
}

const SCALARS = new Set(["ID", "String", "Boolean", "Int", "Float"]);

export function sdlOf(types: string): string {
  const { shapes, unions, enums } = declarationsIn(types);
  const scalars = (shapes.get("Scalars")?.members ?? []).map(({ name }) => name).filter((name) => !SCALARS.has(name));
  shapes.delete("Scalars");
  const interfaces = new Set([...shapes.values()].flatMap(({ parents }) => parents));
  const objects = [...shapes.values()].filter(({ members }) => members.some(({ name }) => name === "__typename"));
  const outputs = new Set([...objects.map(({ name }) => name), ...interfaces]);
  // The generator writes `attachmentLinkURL` as `MutationAttachmentLinkUrlArgs`.
  const byWord = new Map([...shapes.keys()].map((name) => [name.toLowerCase(), name]));
  const args = new Map(
    [...outputs].flatMap((type) =>
      (shapes.get(type)?.members ?? []).flatMap(({ name }): [string, string][] => {
        const own = byWord.get(`${type}${name}args`.toLowerCase());
        return own === undefined || outputs.has(own) ? [] : [[`${type}.${name}`, own]];
      }),
    ),
  );
  const isArgs = new Set(args.values());
  const inputs = [...shapes.values()].filter(({ name }) => !outputs.has(name) && !isArgs.has(name));
  const field = (type: string, { name, type: text }: Member): string => {
    const own = shapes.get(args.get(`${type}.${name}`) ?? "");
    const list = own === undefined ? "" : `(${own.members.map(inputField).join(", ")})`;
    return `${name}${list}: ${graphqlType(text)}`;
  };
  const fields = ({ name, members }: Declaration): string =>
    members
      .filter((one) => one.name !== "__typename")
      .map((one) => `  ${field(name, one)}\n`)
      .join("");
  const head = ({ name, parents }: Declaration): string =>
    `${interfaces.has(name) ? "interface" : "type"} ${name}${parents.length === 0 ? "" : ` implements ${parents.join(" & ")}`}`;
  return [
    ...scalars.map((name) => `scalar ${name}`),
    ...[...enums].map(([name, values]) => `enum ${name} { ${values.join(" ")} }`),
    ...[...unions].map(([name, of]) => `union ${name} = ${of.join(" | ")}`),
    ...[...outputs].flatMap((name) => shapes.get(name) ?? []).map((one) => `${head(one)} {\n${fields(one)}}`),
    ...inputs.map(({ name, members }) => `input ${name} {\n  ${members.map(inputField).join("\n  ")}\n}`),
  ].join("\n");
}

const inputField = ({ name, type }: Member): string => `${name}: ${graphqlType(type)}`;

/** `Maybe<Array<Scalars["String"]>>` → `[String!]`. */
function graphqlType(text: string): string {
  const maybe = /^(?:Input)?Maybe<(.*)>$/s.exec(text)?.[1];
  if (maybe !== undefined) return graphqlType(maybe).replace(/!$/, "");
  const item = /^Array<(.*)>$/s.exec(text)?.[1];
  if (item !== undefined) return `[${graphqlType(item)}]!`;
  const scalar = /^Scalars\["(\w+)"\]$/.exec(text)?.[1];
  return `${scalar ?? plain(text)}!`;
}

/** The bundler numbers names that the SDK uses twice: `Comment$1`. */
const plain = (name: string): string => name.replace(/\$\d+$/, "");

/** The file is generated: each declaration begins a line, and each member has one of its own. */
function declarationsIn(types: string): Declarations {
  const found: Declarations = { shapes: new Map(), unions: new Map(), enums: new Map() };
  const text = types.replace(/\/\*[\s\S]*?\*\//g, "");
  for (const [, keyword, given = "", rest = ""] of text.matchAll(
    /^(type|declare enum) ([\w$]+)(.*(?:\n(?:[ \t].*|\}.*|\s*))*)/gm,
  )) {
    const name = plain(given);
    if (keyword === "declare enum") {
      found.enums.set(
        name,
        [...rest.matchAll(/= "([^"]+)"/g)].map(([, value = ""]) => value),
      );
      continue;
    }
    const shape = /^ = ([\w$ &]*)\{\n([\s\S]*?)^\};/m.exec(rest);
    if (shape !== null) {
      const parents = (shape[1] ?? "")
        .split("&")
        .map((one) => one.trim())
        .filter((one) => one !== "");
      found.shapes.set(name, { name, parents: parents.map(plain), members: membersIn(shape[2] ?? "") });
      continue;
    }
    const union = /^ =\s*((?:[\w$]+\s*\|?\s*)+);/.exec(rest)?.[1];
    if (union?.includes("|") === true)
      found.unions.set(
        name,
        union.split("|").map((one) => plain(one.trim())),
      );
  }
  return found;
}

const membersIn = (body: string): Member[] =>
  [...body.matchAll(/^ {2}(\w+)\??: ([\s\S]*?);$/gm)].map(([, name = "", type = ""]) => ({ name, type: type.trim() }));
