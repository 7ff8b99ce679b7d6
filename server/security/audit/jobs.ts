import type { Logger } from "../../logs/logger.ts";
import type { Timers } from "../../scheduler/timers.ts";
import type { Audit } from "../audit.ts";
import type { AuditDamage, AuditLog } from "../audit-log.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** After the first minutes, when a start has other work. */
const FIRST_AFTER_MS = 10 * 60 * 1_000;

interface AuditJobParts {
  audit: Audit;
  auditLog: AuditLog;
  log: Logger;
  retentionDays: () => number;
  /** Hears of damage found; once for each row. */
  onDamage: (damage: AuditDamage) => void;
}

/** What the audit log asks of the timers: once a day the chain is verified, then what is too old goes. */
export function startAuditJobs(timers: Timers, parts: AuditJobParts): void {
  const { audit, auditLog, log, retentionDays, onDamage } = parts;
  let told: number | undefined;
  const care = async (): Promise<void> => {
    const damage = await auditLog.verify();
    if (damage && damage.seq !== told) {
      told = damage.seq;
      log.error("The chain of the audit log does not hold", { ...damage });
      onDamage(damage);
    }
    const removed = await auditLog.retain(retentionDays(), audit);
    if (removed > 0) log.info("Old rows of the audit log were removed", { removed });
  };
  timers.every("audit.care", DAY_MS, care, FIRST_AFTER_MS);
}
