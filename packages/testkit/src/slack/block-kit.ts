/** The limits of https://docs.slack.dev/reference/block-kit, as Slack checks them: one line for each fault. */
export const LIMITS = {
  blocks: 50,
  blockId: 255,
  header: 150,
  sectionText: 3_000,
  fields: 10,
  fieldText: 2_000,
  actions: 25,
  context: 10,
  contextText: 3_000,
  buttonText: 75,
  actionId: 255,
  buttonValue: 2_000,
  buttonUrl: 3_000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  messageText: 40_000,
} as const;

type Part = Record<string, unknown>;

export function blockFaults(blocks: unknown): string[] {
  if (!Array.isArray(blocks)) return ["must be an array"];
  if (blocks.length > LIMITS.blocks) return [`no more than ${LIMITS.blocks} items allowed [json-pointer:/blocks]`];
  const ids = blocks.flatMap((block) =>
    (block as Part | null)?.block_id === undefined ? [] : [(block as Part).block_id],
  );
  const twice = ids.length === new Set(ids).size ? [] : ["block_id is used twice"];
  return [
    ...twice,
    ...blocks.flatMap((block, at) => faultsOfBlock(block as Part).map((fault) => `${fault} [/blocks/${at}]`)),
  ];
}

function faultsOfBlock(block: Part): string[] {
  const faultsOf = BLOCKS[String(block?.type)];
  if (faultsOf === undefined) return [`unsupported type: ${String(block?.type)}`];
  return [...length(block.block_id, { name: "block_id", max: LIMITS.blockId, optional: true }), ...faultsOf(block)];
}

const BLOCKS: Readonly<Record<string, (block: Part) => string[]>> = {
  header: (block) => [
    ...onlyKeys(block, "text"),
    ...textFaults(block.text, { max: LIMITS.header, types: ["plain_text"] }),
  ],
  divider: (block) => onlyKeys(block),
  section(block) {
    const { text, fields, accessory } = block;
    return [
      ...onlyKeys(block, "text", "fields", "accessory", "expand"),
      ...(text === undefined && fields === undefined ? ["missing required field: text"] : []),
      ...(text === undefined ? [] : textFaults(text, { max: LIMITS.sectionText })),
      ...(fields === undefined ? [] : listFaults(fields, LIMITS.fields)),
      ...(Array.isArray(fields) ? fields.flatMap((one) => textFaults(one, { max: LIMITS.fieldText })) : []),
      ...(accessory === undefined ? [] : buttonFaults(accessory as Part)),
    ];
  },
  context: (block) => [
    ...onlyKeys(block, "elements"),
    ...listFaults(block.elements, LIMITS.context),
    ...list(block.elements).flatMap((one) => textFaults(one, { max: LIMITS.contextText })),
  ],
  actions: (block) => [
    ...onlyKeys(block, "elements"),
    ...listFaults(block.elements, LIMITS.actions),
    ...list(block.elements).flatMap((one) => buttonFaults(one as Part)),
    ...(new Set(list(block.elements).map((one) => (one as Part).action_id)).size < list(block.elements).length
      ? ["action_id is used twice"]
      : []),
  ],
};

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function listFaults(value: unknown, max: number): string[] {
  if (!Array.isArray(value) || value.length === 0) return ["must have at least one item"];
  return value.length > max ? [`no more than ${max} items allowed`] : [];
}

function onlyKeys(value: Part, ...known: string[]): string[] {
  const extra = Object.keys(value).filter((key) => !["type", "block_id", ...known].includes(key));
  return extra.map((key) => `unknown field: ${key}`);
}

interface TextRule {
  max: number;
  types?: readonly string[];
}

function textFaults(value: unknown, { max, types = ["plain_text", "mrkdwn"] }: TextRule): string[] {
  const text = value as Part | null | undefined;
  if (typeof text !== "object" || text === null || !types.includes(String(text.type)))
    return ["unsupported type of text"];
  const extra = text.type === "mrkdwn" ? ["emoji"] : ["verbatim"];
  return [
    ...onlyKeys(text, "text", "emoji", "verbatim"),
    ...extra.filter((key) => key in text).map((key) => `${key} is not allowed in ${String(text.type)}`),
    ...length(text.text, { name: "text", max }),
  ];
}

function length(
  value: unknown,
  { name, max, optional = false }: { name: string; max: number; optional?: boolean },
): string[] {
  if (value === undefined && optional) return [];
  if (typeof value !== "string" || value.length === 0) return [`must be more than 0 characters: ${name}`];
  return value.length > max ? [`must be less than ${max + 1} characters: ${name}`] : [];
}

function buttonFaults(button: Part): string[] {
  if (button?.type !== "button") return [`unsupported element: ${String(button?.type)}`];
  const { confirm, style, url, value } = button;
  return [
    ...onlyKeys(button, "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"),
    ...textFaults(button.text, { max: LIMITS.buttonText, types: ["plain_text"] }),
    ...length(button.action_id, { name: "action_id", max: LIMITS.actionId, optional: true }),
    ...length(value, { name: "value", max: LIMITS.buttonValue, optional: true }),
    ...length(url, { name: "url", max: LIMITS.buttonUrl, optional: true }),
    ...(url === undefined || /^(https?|mailto|slack):/.test(String(url)) ? [] : ["invalid url"]),
    ...(style === undefined || style === "primary" || style === "danger" ? [] : ["invalid style"]),
    ...(confirm === undefined ? [] : confirmFaults(confirm as Part)),
  ];
}

const confirmFaults = (confirm: Part): string[] => [
  ...onlyKeys(confirm, "title", "text", "confirm", "deny", "style"),
  ...textFaults(confirm.title, { max: LIMITS.confirmTitle, types: ["plain_text"] }),
  ...textFaults(confirm.text, { max: LIMITS.confirmText }),
  ...textFaults(confirm.confirm, { max: LIMITS.confirmButton, types: ["plain_text"] }),
  ...textFaults(confirm.deny, { max: LIMITS.confirmButton, types: ["plain_text"] }),
];
