// Making elements. Texts are always texts: nothing of the document is ever read as HTML.

/** `el("p", { class: "muted" }, "text", child)`; null children are left out. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** The little Markdown that descriptions use: `code`, paragraphs, and lists of dashes. */
export function prose(text) {
  return (text ?? "").split(/\n\n+/).filter(Boolean).map((block) => {
    const lines = block.split("\n");
    if (lines.every((line) => line.startsWith("- "))) {
      return el("ul", {}, lines.map((line) => el("li", {}, inline(line.slice(2)))));
    }
    return el("p", {}, inline(lines.join(" ")));
  });
}

/** One line with its `code`. */
export function inline(text) {
  return (text ?? "").split("`").map((part, at) => (at % 2 === 1 ? el("code", {}, part) : part));
}

export function table(heads, rows) {
  const head = el("tr", {}, heads.map((name) => el("th", { scope: "col" }, name)));
  const body = rows.map((cells) => el("tr", {}, cells.map((cell) => el("td", {}, cell))));
  return el("div", { class: "wide" }, el("table", {}, el("thead", {}, head), el("tbody", {}, body)));
}

export function code(text) {
  return el("pre", { tabindex: "0" }, el("code", {}, text));
}

/** Text with a button that copies it. */
export function copyable(text) {
  const button = el("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return el("div", { class: "copied" }, code(text), navigator.clipboard ? button : null);
}
