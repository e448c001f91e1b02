import { schema as official } from "@octokit/graphql-schema";
import { buildSchema, type GraphQLSchema } from "graphql";

let built: GraphQLSchema | null = null;

/** GitHub's official schema. It repeats one field, so it cannot be checked as a whole. Takes about 200 ms the first time. */
export function officialSchema(): GraphQLSchema {
  built ??= buildSchema(official.idl, { assumeValid: true, assumeValidSDL: true });
  return built;
}
