// Runs before the first paint. Storage may be blocked by the browser; the system's theme is then used.
try {
  const theme = localStorage.getItem("binnacle.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  delete document.documentElement.dataset.theme;
}
