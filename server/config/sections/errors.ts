import { flag, int, section } from "../setting-types.ts";

export const errors = section("The error centre", {
  retentionDays: int(30, 1, 3_650, { description: "How long an error is kept after it was last seen" }),
  maxIncidents: int(2_000, 100, 100_000, {
    description: "Different errors that are kept; settled ones go first",
  }),
  escalation: section("When an error becomes the event error.escalated", {
    count: int(20, 0, 1_000_000, {
      description: "So many of one kind within the window; 0 never escalates for their number",
    }),
    windowMinutes: int(5, 1, 1_440, { description: "The window they are counted in" }),
    firstInternal: flag(true, {
      description: "A fault of Binnacle's own escalates the first time it happens",
    }),
    pauseMinutes: int(60, 1, 10_080, { description: "Least time between two escalations of one error" }),
  }),
});
