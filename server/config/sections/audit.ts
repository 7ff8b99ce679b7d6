import { int, section } from "../setting-types.ts";

export const audit = section("The audit log", {
  retentionDays: int(730, 30, 36_500, {
    description: "How long rows are kept; what goes is signed for, so that the rest stays provable",
  }),
});
