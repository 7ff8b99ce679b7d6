import { Type } from "@sinclair/typebox";
import { guard, routes } from "./guard.ts";
import { VIEWER_PATHS } from "./viewer-files.ts";

const HTML = "text/html; charset=utf-8";

/** The viewer needs no other host: its own fonts, no telemetry, no proxy. */
const VIEWER_OPTIONS = {
  url: "/openapi.json",
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: "never",
  agent: { disabled: true },
  mcp: { disabled: true },
  metaData: { title: "Binnacle API" },
};

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Binnacle API</title>
<link rel="icon" href="/favicon.svg">
</head>
<body>
<noscript>The viewer needs JavaScript; the description itself is at /openapi.json.</noscript>
<script id="api-reference" type="application/json" data-configuration='${JSON.stringify(VIEWER_OPTIONS)}'></script>
<script src="${VIEWER_PATHS.reference}"></script>
</body>
</html>
`;

/** The description of the API and the page that shows it; under `/redoc` too, for those who look there. */
export function documentationRoutes(describe: () => Promise<unknown>) {
  let description: Promise<unknown> | undefined;
  const page = () => new Response(PAGE, { headers: { "content-type": HTML, "cache-control": "no-cache" } });
  const pageGuard = guard("open", {
    summary: "The API, to read and to try",
    response: Type.String({ contentMediaType: "text/html" }),
  });
  return routes("documentation")
    .get(
      "/openapi.json",
      async () => {
        description ??= describe();
        return await description;
      },
      guard("open", {
        summary: "This API as an OpenAPI document",
        response: Type.Unsafe<unknown>({ type: "object" }),
      }),
    )
    .get("/docs", page, pageGuard)
    .get("/redoc", page, pageGuard);
}
