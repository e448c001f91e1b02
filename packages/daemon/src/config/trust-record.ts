import type { Engine } from "@agent-orchestrator/core/engine/engine";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { State } from "@agent-orchestrator/core/model/state";
import type { Log } from "@agent-orchestrator/core/slots/common";
import type { FileTexts, InstanceConfig, Trusted, TrustView } from "./instance.ts";
import { hasSecretDigest } from "./trust.ts";

const MAX_KEPT_BYTES = 128 * 1024;

interface Deps {
  state(): State;
  engine(): Engine;
  log: Log;
  /** Masks known secrets. */
  redact(text: string): string;
}

/** What the user has trusted of each instance. It is part of the state. */
export class TrustRecord {
  readonly #deps: Deps;
  /** What has become stricter and is not on disk yet. It counts already. */
  readonly #pending = new Map<string, InstanceConfig>();
  #isOpen = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Null if nothing is trusted. */
  of(id: string): Trusted | null {
    const pending = this.#pending.get(id);
    if (pending !== undefined) return pending.trust;
    const { trustedPin: pin, trustedText: text, trustedFiles: files } = this.#deps.state().instances[id] ?? {};
    return pin && typeof text === "string" ? { pin, text, files: files ?? null } : null;
  }

  /** Records what the user trusts from now on. Resolves when it is on disk. */
  async save(instance: InstanceConfig): Promise<void> {
    this.#pending.delete(instance.id);
    await this.#write(instance);
  }

  /** A change that applied at once, because it is stricter, is what the user has from now on. Loosening it again needs trust. */
  tighten(instance: InstanceConfig): void {
    const known = this.of(instance.id);
    if (known === null || known.text === instance.trust.text) return;
    this.#pending.set(instance.id, instance);
    if (this.#isOpen) void this.#flush();
  }

  /** From now on, stricter values are written as they come. Until then, they are only remembered. */
  open(): void {
    this.#isOpen = true;
    void this.#flush();
  }

  async #flush(): Promise<void> {
    for (const [id, instance] of this.#pending) {
      try {
        await this.#write(instance);
        if (this.#pending.get(id) === instance) this.#pending.delete(id);
      } catch (error) {
        this.#deps.log.warn(
          `config: what became stricter in ${instance.path} is not recorded: ${toAoError(error).message}`,
        );
      }
    }
  }

  async #write({ id, path: configPath, trust }: InstanceConfig): Promise<void> {
    const { pin: trustedPin, text: trustedText } = trust;
    const trustedFiles = this.#keptFiles(trust);
    const trusted = { id, configPath, trustedPin, trustedText, trustedFiles };
    await this.#deps.engine().command({ kind: "trust-config", ...trusted });
  }

  /** Without these, nothing of the config applies while a change waits after a restart. A secret is never written to the state. */
  #keptFiles({ files, text }: TrustView): FileTexts | null {
    const texts = [files.instance, files.local ?? ""];
    if (texts.some((one) => Buffer.byteLength(one) > MAX_KEPT_BYTES || this.#deps.redact(one) !== one)) return null;
    return hasSecretDigest(text) ? null : files;
  }
}
