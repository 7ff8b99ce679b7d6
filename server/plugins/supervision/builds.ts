import type { AppError } from "../../errors/app-error.ts";
import type { PluginPackage } from "../trust/plugin-package.ts";
import type { Block } from "./standing.ts";

/** Which bytes of a plugin are in force, and which were found to be broken and are not tried again by themselves. */
export class Builds {
  #inForce: PluginPackage | undefined;
  #refused: { digest: string; error: AppError } | undefined;

  /** The bytes whose process takes the calls; not the newest when those are broken or wait. */
  get inForce(): PluginPackage | undefined {
    return this.#inForce;
  }

  /** Why the build that was tried last does not run. */
  get refusal(): AppError | undefined {
    return this.#refused?.error;
  }

  /** Why the bytes in force themselves do not run; undefined when they are not known to be broken. */
  get fault(): AppError | undefined {
    return this.#refused?.digest === this.#inForce?.digest ? this.#refused?.error : undefined;
  }

  /** That refusal as a plugin shows it. */
  get block(): Block | undefined {
    if (!this.#refused) return undefined;
    const { code, message } = this.#refused.error;
    return { code: code === "plugin_sandbox_unavailable" ? "sandbox_unavailable" : "failed", message };
  }

  /** Whether these bytes are neither in force nor known to be broken. */
  isNews({ digest }: PluginPackage): boolean {
    return digest !== this.#inForce?.digest && digest !== this.#refused?.digest;
  }

  /** Puts them in force. */
  put(one: PluginPackage): void {
    this.#inForce = one;
  }

  refuse({ digest }: PluginPackage, error: AppError): void {
    this.#refused = { digest, error };
  }

  /** Whatever was found to be broken may be tried again. */
  forgive(): void {
    this.#refused = undefined;
  }

  withdraw(): void {
    this.#inForce = undefined;
    this.#refused = undefined;
  }
}
