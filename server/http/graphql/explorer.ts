import { CSRF_HEADER } from "../../security/same-site.ts";
import { VIEWER_PATHS } from "../viewer-files.ts";

const FIRST_QUERY = `# Ask this server. Docs are on the left, CTRL + SPACE completes.
{
  systemStatus {
    timestamp
  }
}
`;

/** The GraphQL explorer: GraphiQL from our own files, asking with the session's cookie and the CSRF header. */
export function explorerPage(): string {
  const options = {
    title: "Binnacle GraphQL",
    defaultQuery: FIRST_QUERY,
    additionalHeaders: { [CSRF_HEADER]: "1" },
    credentials: "same-origin",
    subscriptionsProtocol: "SSE",
  };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Binnacle GraphQL</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="${VIEWER_PATHS.explorerStyle}">
<script type="application/json" id="options">${JSON.stringify(options)}</script>
<script src="${VIEWER_PATHS.explorer}" defer></script>
<script src="${VIEWER_PATHS.explorerStart}" defer></script>
</head>
<body id="body" class="no-focus-outline">
<noscript>The explorer needs JavaScript.</noscript>
<div id="root"></div>
</body>
</html>
`;
}
