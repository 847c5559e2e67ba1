// Runs before the first paint, so that no page flashes in the wrong theme or in a frame it has not.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("upguard.theme");
  } catch {}
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  const root = document.documentElement;
  root.dataset.theme = dark ? "dark" : "light";
  root.toggleAttribute("data-outside", /^\/(login|register)\b/.test(location.pathname));
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", dark ? "#0b0f14" : "#fafafa");
})();
