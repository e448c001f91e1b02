import { LinearSdk } from "@linear/sdk";
import { GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, parse, validate } from "graphql";
import { expect, it } from "vitest";
import { linearSchema } from "./sdk-schema.ts";

/** Every document that the SDK would send: of each of its methods, asked with anything. */
async function sdkDocuments(): Promise<string[]> {
  const documents = new Set<string>();
  const sdk = new LinearSdk(async (document) => {
    documents.add(String(document));
    throw new Error("not sent");
  });
  const methods = Object.entries(Object.getOwnPropertyDescriptors(LinearSdk.prototype));
  for (const [name, { value, get }] of methods) {
    if (name === "constructor" || name === "paginate") continue;
    await Promise.resolve(get === undefined ? value.call(sdk, "x", "x", "x", "x") : get.call(sdk)).catch(
      () => undefined,
    );
  }
  return [...documents];
}

it("accepts every query and mutation that the SDK sends", async () => {
  const schema = linearSchema();
  const documents = await sdkDocuments();
  expect(documents.length).toBeGreaterThan(400);
  const refused = documents.flatMap((text) => validate(schema, parse(text)).map(({ message }) => message));
  expect(refused).toEqual([]);
});

it("refuses what Linear does not have", () => {
  const schema = linearSchema();
  const refusals = (text: string) => validate(schema, parse(text)).map(({ message }) => message);
  expect(refusals('{ issue(id: "ENG-1") { id numberOfCats } }')).toEqual([expect.stringContaining("numberOfCats")]);
  expect(refusals("{ issue { id } }")).toEqual([expect.stringContaining("argument")]);
  expect(refusals('{ issues(filter: { team: { key: { is: "ENG" } } }) { nodes { id } } }')).not.toEqual([]);
  expect(refusals('{ issues(filter: { team: { key: { eq: "ENG" } } }) { nodes { id } } }')).toEqual([]);
});

it("has the kinds of types that the SDK declares", () => {
  const types = Object.values(linearSchema().getTypeMap());
  const count = (kind: new (...given: never[]) => unknown) => types.filter((one) => one instanceof kind).length;
  expect(count(GraphQLObjectType)).toBeGreaterThan(700);
  expect(count(GraphQLInputObjectType)).toBeGreaterThan(400);
  expect(count(GraphQLEnumType)).toBeGreaterThan(120);
});
