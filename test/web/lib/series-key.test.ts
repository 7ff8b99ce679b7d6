import { expect, test } from "bun:test";
import { familyTitle, seriesKey, seriesTitle } from "../../../web/lib/series-key.ts";

test("keys are in Prometheus notation: labels sorted, values escaped", () => {
  expect(seriesKey("load_average", {})).toBe("load_average");
  expect(seriesKey("disk_bytes", { state: "free", mount: '/a"b\\c' })).toBe(
    'disk_bytes{mount="/a\\"b\\\\c",state="free"}',
  );
});

test("families read as words without their unit", () => {
  expect(familyTitle("cpu_usage_percent")).toBe("CPU usage");
  expect(familyTitle("binnacle_http_request_duration_seconds")).toBe("Binnacle HTTP request duration");
  expect(seriesTitle("disk_used_percent", { mount: "/var" })).toBe("Disk used · /var");
});
