import { z } from "zod";

/** One choice of a dialog, with Codex's own label, and what choosing it sends. */
export interface Choice {
  label: string;
  reply: unknown;
  /** It allows the same from now on. */
  isAlways?: boolean;
}

const Amendment = z.looseObject({
  acceptWithExecpolicyAmendment: z.looseObject({ execpolicy_amendment: z.array(z.string()) }),
});
const HostRule = z.looseObject({
  applyNetworkPolicyAmendment: z.looseObject({
    network_policy_amendment: z.looseObject({ host: z.string(), action: z.string() }),
  }),
});

const LABELS: Readonly<Record<string, string>> = {
  accept: "Yes, proceed",
  acceptForSession: "Yes, and don't ask again for this command in this session",
  decline: "No, continue without running it",
  cancel: "No, and tell Codex what to do differently",
};

/** The decisions that the server offers, in its order, with the terminal program's wording. */
export function commandChoices(decisions: readonly unknown[]): Choice[] {
  return decisions.flatMap((decision): Choice[] => {
    const reply = { decision };
    if (typeof decision === "string") {
      const label = LABELS[decision];
      if (label === undefined) return [];
      return [{ label, reply, ...(decision === "acceptForSession" ? { isAlways: true } : {}) }];
    }
    const amendment = Amendment.safeParse(decision);
    if (amendment.success) {
      const words = amendment.data.acceptWithExecpolicyAmendment.execpolicy_amendment.join(" ");
      return [{ label: `Yes, and don't ask again for commands that start with \`${words}\``, reply, isAlways: true }];
    }
    const rule = HostRule.safeParse(decision);
    if (!rule.success) return [];
    const { host, action } = rule.data.applyNetworkPolicyAmendment.network_policy_amendment;
    return action === "allow"
      ? [{ label: `Yes, and allow ${host} in the future`, reply, isAlways: true }]
      : [{ label: `No, and block ${host} in the future`, reply }];
  });
}

export const FILE_CHOICES: Choice[] = [
  { label: "Yes, proceed", reply: { decision: "accept" } },
  { label: "Yes, and don't ask again for these files", reply: { decision: "acceptForSession" }, isAlways: true },
  { label: "No, and tell Codex what to do differently", reply: { decision: "cancel" } },
];

export function permissionChoices(permissions: unknown): Choice[] {
  return [
    { label: "Yes, grant these permissions for this turn", reply: { permissions, scope: "turn" } },
    {
      label: "Yes, grant these permissions for this session",
      reply: { permissions, scope: "session" },
      isAlways: true,
    },
    { label: "No, continue without permissions", reply: { permissions: {}, scope: "turn" } },
  ];
}
