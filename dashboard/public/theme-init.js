// Runs before the first paint, so that no page flashes in the wrong theme.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("upguard.theme");
  } catch {}
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", dark ? "#0b0f14" : "#fafafa");
})();
