import { expect, test } from "bun:test";
import { parse } from "yaml";
import { watchedFileText } from "../../../../web/pages/logs/watched-file-text.ts";

test.each([
  { path: "/var/log/nginx/*.log", source: "", format: "auto", isFromEnd: false },
  { path: "/srv/a b: c #d/x.log", source: "*star", format: "json", isFromEnd: true },
  { path: '/odd/"quote"\n.log', source: "0123", format: "plain", isFromEnd: false },
  ...["true", "Null", "no", "1e3", "0x1f", ".inf", "y"].map((source) => ({
    ...{ path: "/var/log/app.log", source, format: "auto" as const, isFromEnd: false },
  })),
] as const)("the lines for $path, called $source, mean that very file", (wish) => {
  const { path, source, format, isFromEnd } = wish;
  const expected = {
    path,
    ...(source === "" ? {} : { source }),
    ...(format === "auto" ? {} : { format }),
    ...(isFromEnd ? { startAt: "end" } : {}),
  };
  expect(parse(watchedFileText(wish))).toEqual({ logs: { files: [expected] } });
});
