import { expect, test } from "bun:test";
import { startApp } from "../../support/start-app.ts";

const QUESTION = "{ systemStatus { loggerEnabled alertsEnabled profilerEnabled backupsEnabled } }";

test.each([true, false])("the status of the system says which features are on: %p", async (isOn) => {
  await using app = await startApp({
    settings: { "features.logger": isOn, "features.alerts": isOn, "features.profiler": isOn },
  });
  const { result } = await (await app.token(["system:read"])).graphql(QUESTION);
  expect(result.data).toEqual({
    systemStatus: { loggerEnabled: isOn, alertsEnabled: isOn, profilerEnabled: isOn, backupsEnabled: false },
  });
});
