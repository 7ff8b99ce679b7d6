/** V8's heap of one page; beyond it the page crashes alone. */
const MAX_PAGE_HEAP_MIB = 512;
const MAX_RENDERERS = 4;
const MAX_DISK_CACHE_BYTES = 16 * 1_024 * 1_024;

/**
 * Where Chromium's own services are told to be (RFC 6761: a name that nothing answers to). The proxy refuses them like
 * any place, but silently: they say nothing about the plugin.
 */
export const NOWHERE_HOST = "browser.invalid";

/** What a browser needs to know. */
export interface BrowserLaunch {
  /** Folder of its own, removed afterwards. */
  profile: string;
  /** Where the filtering proxy is reached: the only way out that it knows. */
  proxyPort: number;
  width: number;
  height: number;
  /** In a window on the display of its environment. */
  isVisible: boolean;
}

const SWITCHES = [
  "--remote-debugging-pipe",
  "--disable-gpu",
  "--disable-3d-apis",
  "--disable-dev-shm-usage",
  "--mute-audio",
  "--no-first-run",
  "--no-default-browser-check",
  "--password-store=basic",
  "--disable-breakpad",
  "--disable-crash-reporter",
  "--disable-extensions",
  "--disable-component-extensions-with-background-pages",
  "--disable-default-apps",
  "--disable-sync",
  "--enable-automation",
  `--component-updater=url-source=http://${NOWHERE_HOST}/,disable-background-downloads`,
  ...["gaia-url", "lso-url", "google-base-url", "google-apis-url", "oauth-account-manager-url"].map(
    (service) => `--${service}=http://${NOWHERE_HOST}/`,
  ),
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-domain-reliability",
  "--disable-client-side-phishing-detection",
  "--disable-field-trial-config",
  "--metrics-recording-only",
  "--no-pings",
  "--no-service-autorun",
  "--disable-notifications",
  "--disable-speech-api",
  "--disable-file-system",
  "--disable-print-preview",
  "--deny-permission-prompts",
  "--block-new-web-contents",
  // What could go round the proxy: QUIC and WebRTC speak UDP, and DNS asks servers of its own.
  "--disable-quic",
  "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--dns-over-https-mode=off",
  "--dns-prefetch-disable",
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
  "--disable-features=AsyncDns,DnsOverHttps,MediaRouter,DialMediaRouteProvider,OptimizationHints,Translate,AutofillServerCommunication,InterestFeedContentSuggestions,CertificateTransparencyComponentUpdater,NetworkPrediction,Prerender2,NetworkTimeServiceQuerying,WebOTP,DirectSockets",
  `--js-flags=--max-old-space-size=${MAX_PAGE_HEAP_MIB}`,
  `--renderer-process-limit=${MAX_RENDERERS}`,
  `--disk-cache-size=${MAX_DISK_CACHE_BYTES}`,
];

const UNSEEN = ["--headless", "--hide-scrollbars"];
/** X11 by name: it is what the environment names. The window of the one page is the only one. */
const SEEN = ["--ozone-platform=x11", "--window-position=0,0", "--no-startup-window"];

/** The arguments of a Chromium that is led by a pipe and leaves by one proxy. */
export function chromiumArguments({ profile, proxyPort, width, height, isVisible }: BrowserLaunch): string[] {
  return [
    ...SWITCHES,
    ...(isVisible ? SEEN : UNSEEN),
    `--user-data-dir=${profile}`,
    `--window-size=${width},${height}`,
    `--proxy-server=http://127.0.0.1:${proxyPort}`,
    // Without this, requests to loopback would go round the proxy.
    "--proxy-bypass-list=<-loopback>",
    ...(isVisible ? [] : ["about:blank"]),
  ];
}
