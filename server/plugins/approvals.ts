import { PERMISSION_KINDS, type PermissionKind } from "../../schema/rules/plugins.ts";
import type { Database } from "../database/database.ts";
import { AppError } from "../errors/app-error.ts";
import type { Events } from "../events/events.ts";
import type { Audit } from "../security/audit.ts";
import type { Caller } from "../security/caller.ts";
import { principalName, requireScope } from "../security/principal.ts";
import { kindsIn } from "./permissions.ts";
import type { Supervisor } from "./supervision/supervisor.ts";
import type { PluginPackage } from "./trust/plugin-package.ts";
import type { PluginTrust } from "./trust/plugin-trust.ts";

interface ApprovalParts {
  database: Database;
  audit: Audit;
  events: Events;
  trust: PluginTrust;
  supervisor: Supervisor;
}

/** Lets plugins use what they ask for: exactly the bytes that somebody has looked at. */
export class Approvals {
  readonly #parts: ApprovalParts;

  constructor(parts: ApprovalParts) {
    this.#parts = parts;
  }

  /**
   * Approves the content of `digest` with everything it asks for.
   * @param seen kinds of permission that the approver agrees to: all that it asks for
   * @throws AppError `plugin_not_found`, `approval_outdated` when it was changed meanwhile, `validation_failed` when a
   *   kind is missing, `plugin_not_allowed` when no approval helps
   */
  async approve(id: string, digest: string, seen: readonly PermissionKind[], caller: Caller): Promise<void> {
    const { found, block } = this.#parts.supervisor.get(id).listing;
    if (!found) throw new AppError("plugin_invalid", block?.message);
    const missing = kindsIn(found.permissions).filter((kind) => !seen.includes(kind));
    if (missing.length > 0) {
      const message = `It asks for ${missing.join(", ")} too: name every kind that is agreed to.`;
      throw new AppError("validation_failed", message, { issues: [{ path: "permissions", message }] });
    }
    await this.#keep(found, digest, caller);
    await this.#parts.supervisor.refresh();
  }

  /** Approves what lies there now; for what is pinned inside the binary. @throws AppError `scope_missing` */
  async approveAll(id: string, caller: Caller): Promise<void> {
    requireScope(caller.principal, "plugins:admin");
    const { found } = this.#parts.supervisor.get(id).listing;
    if (found) await this.approve(id, found.digest, PERMISSION_KINDS, caller);
  }

  async #keep(found: PluginPackage, digest: string, caller: Caller): Promise<void> {
    const { database, audit, events, trust } = this.#parts;
    const { id: pluginId, version } = found.manifest;
    const record = await trust.prepareApproval(found, digest, principalName(caller.principal));
    await database.write(async (tx) => {
      await record(tx);
      const detail = { version, digest, permissions: kindsIn(found.permissions) };
      await audit.append(tx, caller, { action: "plugin.approve", target: pluginId, detail });
      const { correlationId } = caller;
      const payload = { pluginId, version, digest };
      await events.publishIn(tx, { type: "plugin.approved", payload, correlationId });
    });
  }
}
