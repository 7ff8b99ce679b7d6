import type { Base } from "./base.ts";
import type { Delivery } from "./delivery.ts";

/** The certificate of an authority; its modules are evaluated only where the settings name domains. */
export async function composeCertificate(
  { configuration, folder, timers, clock, log, incidents }: Base,
  { events, outbound }: Delivery,
) {
  const { acme: settings } = configuration.settings.server.tls;
  if (settings.domains.length === 0) return undefined;
  const { Certificate } = await import("../certificates/service.ts");
  return new Certificate({
    settings,
    folder: folder.paths.certificates,
    outbound,
    events,
    report: incidents.record,
    timers,
    clock,
    log: log.child("certificates"),
  });
}
