// The head view: two columns of the same tokens, joined by lines where the left one attends to the right one.
bertml.HeadView = class {
  constructor(weights, state) {
    const { element } = bertml;
    this.weights = weights;
    this.state = state;
    this.selected = null; // {side, token}: under the pointer, focused or pinned
    this.pinned = false;
    this.columns = {
      from: element("div", { class: "tokens from", role: "listbox", "aria-label": "Tokens that attend" }),
      to: element("div", { class: "tokens to", role: "listbox", "aria-label": "Tokens attended to" }),
    };
    this.canvas = element("canvas", { role: "img" });
    this.summary = element("p", { class: "summary muted", "aria-live": "polite" });
    this.node = element(
      "div",
      { class: "head-view" },
      this.summary,
      element("div", { class: "columns" }, this.columns.from, this.canvas, this.columns.to),
    );
    for (const side of ["from", "to"]) this.listen(side);
    new ResizeObserver(() => this.isStale() && this.draw()).observe(this.canvas.parentElement);
  }

  listen(side) {
    const column = this.columns[side];
    const token = (event) => event.target.closest?.(".token");
    const select = (node) => this.select(node && { side, token: Number(node.dataset.token) });
    column.addEventListener("pointerover", (event) => this.pinned || select(token(event)));
    column.addEventListener("pointerleave", () => this.pinned || this.select(null));
    column.addEventListener("focusin", (event) => {
      if (event.target.matches(":focus-visible")) select(token(event));
    });
    column.addEventListener("click", (event) => {
      const node = token(event);
      if (!node) return;
      const same = this.pinned && this.selected?.side === side && this.selected.token === Number(node.dataset.token);
      this.pinned = !same;
      select(node);
    });
    column.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.pinned = false;
      this.select(null);
    });
    bertml.arrowKeys(column, () => [...column.children], "vertical");
  }

  // Lists the tokens anew: the filter has changed.
  list() {
    this.selected = null;
    this.pinned = false;
    for (const side of ["from", "to"]) {
      const nodes = this.weights.rows(this.state.filter, side).map((i, at) =>
        bertml.element(
          "div",
          {
            class: i === this.weights.sentenceBStart && at > 0 ? "token second" : "token",
            role: "option",
            tabindex: at === 0 ? 0 : -1,
            "aria-selected": "false",
            "data-token": i,
            title: `${i}: ${this.weights.tokens[i]}`,
          },
          this.weights.tokens[i],
        ),
      );
      this.columns[side].replaceChildren(...nodes);
    }
    this.draw();
  }

  select(selection) {
    this.selected = selection;
    this.draw();
  }

  rowHeight() {
    return (this.columns.from.firstElementChild ?? this.columns.to.firstElementChild)?.getBoundingClientRect().height;
  }

  // Has the place changed since the lines were drawn?
  isStale() {
    return this.drawnWidth !== this.canvas.clientWidth || this.drawnHeight !== this.rowHeight();
  }

  draw() {
    const width = this.canvas.clientWidth;
    const [from, to] = ["from", "to"].map((side) => this.weights.rows(this.state.filter, side));
    const height = this.rowHeight();
    if (!width || !height) return;
    [this.drawnWidth, this.drawnHeight] = [width, height];
    const heads = [...this.state.heads].sort((a, b) => a - b);
    const drawing = bertml.context(this.canvas, width, Math.max(from.length, to.length) * height);
    drawing.clearRect(0, 0, width, this.canvas.height);
    drawing.lineWidth = this.selected ? 2 : 1.5;
    this.lines = { drawn: 0, hidden: 0 };
    if (heads.length > 0)
      this.lines = bertml.drawAttentionLines(drawing, this.weights, this.state.layer, heads, bertml.series, width, {
        from,
        to,
        height,
        only: this.selected,
      });
    this.mark(heads);
    this.describe(heads, from, to);
  }

  // Beside the selected token, each token of the other column shows its weight in every head as a strip of the head's colour.
  mark(heads) {
    for (const side of ["from", "to"])
      for (const node of this.columns[side].children) {
        const token = Number(node.dataset.token);
        const isSelected = this.selected?.side === side && this.selected.token === token;
        node.setAttribute("aria-selected", isSelected);
        node.style.background = this.selected && this.selected.side !== side ? this.strips(heads, side, token) : "";
      }
  }

  strips(heads, side, token) {
    const width = 100 / heads.length;
    const stops = heads.map((head, i) => {
      const [from, to] = side === "to" ? [this.selected.token, token] : [token, this.selected.token];
      const percent = Math.round(55 * Math.sqrt(this.weights.weight(this.state.layer, head, from, to)));
      return `color-mix(in srgb, ${bertml.series(head)} ${percent}%, transparent) ${i * width}% ${(i + 1) * width}%`;
    });
    return heads.length > 0 ? `linear-gradient(90deg, ${stops.join(", ")})` : "";
  }

  omitted() {
    return this.lines.hidden > 0 ? ` Only the ${this.lines.drawn} strongest lines are drawn.` : "";
  }

  describe(heads, from, to) {
    const layer = this.weights.layers[this.state.layer];
    const shown = heads.length === this.weights.heads ? "all heads" : `${heads.length === 1 ? "head" : "heads"} ${heads.join(", ")}`;
    this.canvas.setAttribute("aria-label", `Attention of layer ${layer}, ${heads.length > 0 ? shown : "no head"}`);
    if (heads.length === 0) this.summary.textContent = "No head is chosen.";
    else if (!this.selected)
      this.summary.textContent =
        `Layer ${layer}, ${shown}. Point at a token, or move to one by Tab and the arrow keys; a click holds it, Esc lets it go.` + this.omitted();
    else {
      const { side, token } = this.selected;
      const strongest = this.weights.strongest(this.state.layer, heads, side, token, side === "from" ? to : from, 4);
      const list = strongest.map((other) => `${this.weights.tokens[other.token]} ${other.weight.toFixed(2)}`).join(", ");
      const verb = side === "from" ? "attends most to" : "gets most from";
      this.summary.textContent = `${this.weights.tokens[token]} ${verb}: ${list} (layer ${layer}, mean of ${shown}).`;
    }
  }
};
