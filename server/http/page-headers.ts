/** Pages that show somebody else's viewer: those set styles in attributes and make workers from blobs. */
const VIEWER_PAGES = new Set(["/graphql", "/docs", "/redoc"]);

const SHARED = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
];

const DASHBOARD_POLICY = [
  ...SHARED,
  // Lit and uPlot size what they draw through the style attribute; style elements stay refused.
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "manifest-src 'self'",
].join("; ");

const VIEWER_POLICY = [
  ...SHARED,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
].join("; ");

/** The content security policy of the page at `path`. */
export const contentPolicyOf = (path: string): string =>
  VIEWER_PAGES.has(path) ? VIEWER_POLICY : DASHBOARD_POLICY;
