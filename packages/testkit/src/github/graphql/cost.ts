import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from "graphql";
import { Refusal } from "../http/failure.ts";

const MAX_NODES = 500_000;

interface Question {
  schema: GraphQLSchema;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
}

/** What a query costs by GitHub's published formula, and how many nodes it can return. Throws GitHub's refusals. */
export function costOf({ schema, document, operation, variables }: Question): { points: number; nodes: number } {
  const fragments = new Map(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
    ),
  );
  let [requests, nodes] = [0, 0];
  const walk = (set: SelectionSetNode | undefined, typeName: string | undefined, times: number): void => {
    for (const one of set?.selections ?? []) {
      if (one.kind === Kind.INLINE_FRAGMENT) walk(one.selectionSet, one.typeCondition?.name.value ?? typeName, times);
      else if (one.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(one.name.value);
        walk(fragment?.selectionSet, fragment?.typeCondition.name.value, times);
      } else {
        const type = schema.getType(typeName ?? "");
        const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[one.name.value] : undefined;
        const name = field === undefined ? undefined : getNamedType(field.type).name;
        if (name?.endsWith("Connection") !== true) {
          walk(one.selectionSet, name, times);
          continue;
        }
        const size = pageSize(one, variables);
        requests += times;
        nodes += times * size;
        walk(one.selectionSet, name, times * size);
      }
    }
  };
  walk(operation.selectionSet, operation.operation === "mutation" ? "Mutation" : "Query", 1);
  if (nodes > MAX_NODES) {
    throw new Refusal(
      200,
      `This query requests up to ${nodes.toLocaleString("en")} possible nodes which exceeds the maximum limit of 500,000.`,
      { type: "MAX_NODE_LIMIT_EXCEEDED" },
    );
  }
  return { points: Math.max(1, Math.round(requests / 100)), nodes };
}

function pageSize(field: FieldNode, variables: Record<string, unknown>): number {
  const given = (name: string) => {
    const found = field.arguments?.find((argument) => argument.name.value === name)?.value;
    const value =
      found === undefined
        ? undefined
        : found.kind === Kind.VARIABLE
          ? variables[found.name.value]
          : valueFromASTUntyped(found);
    return value == null ? null : Number(value);
  };
  const name = field.name.value;
  for (const bound of ["first", "last"] as const) {
    const size = given(bound);
    if (size === null) continue;
    if (size < 0 || size > 100) {
      throw new Refusal(
        200,
        `Requesting ${size} records on the \`${name}\` connection exceeds the \`${bound}\` limit of 100 records.`,
        { type: "EXCESSIVE_PAGINATION" },
      );
    }
    return size;
  }
  const onlyCounts = field.selectionSet?.selections.every(
    (one) =>
      one.kind === Kind.FIELD &&
      ["totalCount", "__typename", "issueCount", "checkRunCount", "statusContextCount"].includes(one.name.value),
  );
  if (onlyCounts === true) return 0;
  throw new Refusal(
    200,
    `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`,
    { type: "MISSING_PAGINATION_BOUNDARIES" },
  );
}
