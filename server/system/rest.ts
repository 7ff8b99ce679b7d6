import { guard, routes } from "../http/guard.ts";
import { HealthView, ProbeView, SystemView } from "./model.ts";
import type { System } from "./service.ts";

const OK = { status: "ok" } as const;

/** Probes for those who watch Binnacle, and what machine it is on. */
export const systemRoutes = (system: System) =>
  routes("system")
    .get("/livez", () => OK, guard("open", { summary: "Whether the process answers", response: ProbeView }))
    .get(
      "/readyz",
      () => {
        system.demandReady();
        return OK;
      },
      guard("open", { summary: "Whether requests should be sent here", response: ProbeView }),
    )
    .get(
      "/api/health",
      ({ exchange }) => system.health(exchange.principal),
      guard("open", { summary: "Up or not; version and age for those who are known", response: HealthView }),
    )
    .get(
      "/api/v3/system",
      () => system.describe(),
      guard("system:read", { summary: "This machine, and the Binnacle on it", response: SystemView }),
    );
