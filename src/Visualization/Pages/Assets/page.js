// What the scripts of all components share.
const bertml = (() => {
  "use strict";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const listeners = [];

  // Creates an element: attributes by name; properties that start with "on" are listeners; children are elements or text.
  function element(name, attributes = {}, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value === true) node.setAttribute(key, "");
      else if (value !== false && value != null) node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  }

  // The JSON that a component's markup holds.
  const data = (component) => JSON.parse(component.querySelector('script[type="application/json"]').textContent);

  // Bytes that were packed as zlib in Base64.
  async function unpack(text) {
    const characters = atob(text);
    const packed = new Uint8Array(characters.length);
    for (let i = 0; i < packed.length; i++) packed[i] = characters.charCodeAt(i);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  const colour = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const seriesCount = 12;
  const series = (i) => colour(`series-${i % seriesCount}`);
  const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

  // The 256 colours of a heat map, from none to most, as [red, green, blue].
  function sequence() {
    const stops = [0, 1, 2, 3, 4, 5].map((i) => rgb(colour(`sequence-${i}`)));
    return Array.from({ length: 256 }, (_, i) => {
      const position = (i / 255) * (stops.length - 1);
      const at = Math.min(Math.floor(position), stops.length - 2);
      return stops[at].map((from, k) => Math.round(from + (stops[at + 1][k] - from) * (position - at)));
    });
  }

  // A canvas as large as its place, sharp on every screen. The context measures in CSS pixels.
  function context(canvas, width, height) {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
    const drawing = canvas.getContext("2d");
    drawing.setTransform(ratio, 0, 0, ratio, 0, 0);
    return drawing;
  }

  // Moves the focus within a list by the arrow keys; only one item of it is a tab stop.
  function arrowKeys(list, items, orientation) {
    const [back, forth] = orientation === "horizontal" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    list.addEventListener("keydown", (event) => {
      const all = items();
      const at = all.indexOf(document.activeElement);
      const to = { [back]: at - 1, [forth]: at + 1, Home: 0, End: all.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      const next = all[Math.max(0, Math.min(all.length - 1, to))];
      all[at].tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  }

  // Light or dark: the button's choice, else the system's.
  const button = document.querySelector(".theme-button");
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  function changed() {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Use the ${isDark() ? "light" : "dark"} theme`);
    for (const listener of listeners) listener();
  }
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    changed();
  });
  system.addEventListener("change", changed);
  changed();

  return { element, data, unpack, colour, series, sequence, context, arrowKeys, onTheme: (listener) => listeners.push(listener) };
})();
