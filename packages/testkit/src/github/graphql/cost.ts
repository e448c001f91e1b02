import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  Kind,
  TypeInfo,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { Refusal } from "../http/failure.ts";

const MAX_NODES = 500_000;

/** What a query costs by GitHub's published formula, and how many nodes it can return. Throws GitHub's refusals. */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Record<string, unknown>,
): { points: number; nodes: number } {
  const info = new TypeInfo(schema);
  const sizes: number[] = [1];
  let [requests, nodes] = [1, 0];
  const parent = () => sizes.at(-1) ?? 1;
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: {
        enter(field) {
          const type = info.getType();
          const isConnection = type != null && getNamedType(type).name.endsWith("Connection");
          if (!isConnection) return void sizes.push(parent());
          const size = pageSize(field, variables);
          requests += parent();
          nodes += parent() * size;
          sizes.push(parent() * size);
        },
        leave: () => void sizes.pop(),
      },
    }),
  );
  if (nodes > MAX_NODES) {
    throw new Refusal(
      200,
      `This query requests up to ${nodes.toLocaleString("en")} possible nodes which exceeds the maximum limit of 500,000.`,
      { type: "MAX_NODE_LIMIT_EXCEEDED" },
    );
  }
  // The root itself is no request.
  return { points: Math.max(1, Math.round((requests - 1) / 100)), nodes };
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
