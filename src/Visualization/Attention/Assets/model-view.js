// The model view: a small picture for each head of each layer; a click shows it large.
bertml.ModelView = class {
  constructor(weights, state, showHead) {
    const { element } = bertml;
    this.weights = weights;
    this.state = state;
    this.dialog = new bertml.HeadDialog(weights, showHead);
    this.grid = element("div", { class: "grid", style: `--heads:${weights.heads}` });
    this.thumbnails = [];
    this.fill();
    this.node = element(
      "div",
      { class: "model-view" },
      element("p", { class: "muted" }, "Rows are layers, columns are heads. Choose one to see it large."),
      element("div", { class: "grid-scroll" }, this.grid),
      this.dialog.node,
    );
  }

  fill() {
    const { element } = bertml;
    const heads = Array.from({ length: this.weights.heads }, (_, head) => head);
    this.grid.append(element("span"), ...heads.map((head) => element("span", { class: "label" }, String(head))));
    this.weights.layers.forEach((number, layer) => {
      this.grid.append(element("span", { class: "label" }, String(number)));
      for (const head of heads) {
        const canvas = element("canvas");
        const name = `Layer ${number}, head ${head}`;
        const open = () => this.dialog.open(layer, head);
        this.grid.append(element("button", { type: "button", "aria-label": name, title: name, onclick: open }, canvas));
        this.thumbnails.push({ canvas, layer, head });
      }
    });
  }

  draw() {
    const sequence = bertml.sequence();
    for (const { canvas, layer, head } of this.thumbnails)
      if (this.state.thumbnails === "matrices") {
        canvas.style.height = "";
        bertml.drawAttentionMatrix(canvas, this.weights, layer, head, sequence);
      } else this.drawLines(canvas, layer, head);
  }

  drawLines(canvas, layer, head) {
    const width = canvas.clientWidth;
    if (!width) return;
    const drawing = bertml.context(canvas, width, width);
    const all = this.weights.rows("all", "from");
    drawing.lineWidth = 0.75;
    bertml.drawAttentionLines(drawing, this.weights, layer, [head], bertml.series, width, {
      from: all,
      to: all,
      height: width / all.length,
      most: 400,
    });
  }
};

// One head's matrix, large, with its tokens and the weight under the pointer; the arrow keys go to the heads and layers beside it.
bertml.HeadDialog = class {
  constructor(weights, showHead) {
    const { element } = bertml;
    this.weights = weights;
    this.heading = element("h2");
    this.canvas = element("canvas", { role: "img" });
    this.readout = element("p", { class: "muted" });
    const show = () => {
      this.node.close();
      showHead(this.layer, this.head);
    };
    this.node = element(
      "dialog",
      { class: "panel" },
      this.heading,
      this.readout,
      this.canvas,
      element(
        "p",
        { class: "controls" },
        element("button", { type: "button", onclick: show }, "Show in the head view"),
        element("button", { type: "button", onclick: () => this.node.close() }, "Close"),
      ),
    );
    this.canvas.addEventListener("pointermove", (event) => this.read(event));
    this.node.addEventListener("keydown", (event) => this.move(event));
    new ResizeObserver(() => this.node.open && this.draw()).observe(this.node);
  }

  open(layer, head) {
    this.layer = layer;
    this.head = head;
    if (!this.node.open) this.node.showModal();
    this.draw();
  }

  move(event) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    const clamp = (value, count) => Math.max(0, Math.min(count - 1, value));
    this.open(clamp(this.layer + step[0], this.weights.layers.length), clamp(this.head + step[1], this.weights.heads));
  }

  draw() {
    const name = `Layer ${this.weights.layers[this.layer]}, head ${this.head}`;
    this.heading.textContent = name;
    this.readout.textContent = "Rows attend to columns. The arrow keys go to the next head or layer.";
    this.canvas.setAttribute("aria-label", `${name}: matrix of attention weights`);
    const width = this.canvas.clientWidth;
    const size = this.weights.tokens.length;
    const smallest = 11; // pixels of a cell that has room for its token
    const labels = Math.min(90, width / 3);
    this.margin = (width - labels) / size >= smallest ? labels : 0;
    this.cell = (width - this.margin) / size;
    const drawing = bertml.context(this.canvas, width, width);
    const matrix = bertml.element("canvas");
    bertml.drawAttentionMatrix(matrix, this.weights, this.layer, this.head, bertml.sequence());
    drawing.imageSmoothingEnabled = false;
    drawing.drawImage(matrix, this.margin, this.margin, width - this.margin, width - this.margin);
    if (this.margin > 0) this.label(drawing);
  }

  label(drawing) {
    drawing.fillStyle = bertml.colour("text");
    drawing.font = `${Math.min(13, this.cell * 0.9)}px ui-monospace, monospace`;
    drawing.textBaseline = "middle";
    this.weights.tokens.forEach((token, i) => {
      const at = this.margin + (i + 0.5) * this.cell;
      drawing.textAlign = "right";
      drawing.fillText(token, this.margin - 5, at, this.margin - 5);
      drawing.save();
      drawing.translate(at, this.margin - 5);
      drawing.rotate(-Math.PI / 2);
      drawing.textAlign = "left";
      drawing.fillText(token, 0, 0, this.margin - 5);
      drawing.restore();
    });
  }

  read(event) {
    const [from, to] = [event.offsetY, event.offsetX].map((at) => Math.floor((at - this.margin) / this.cell));
    const { tokens } = this.weights;
    if (!(from in tokens) || !(to in tokens)) return;
    const weight = this.weights.weight(this.layer, this.head, from, to);
    this.readout.textContent = `${tokens[from]} → ${tokens[to]}: ${weight.toFixed(3)}`;
  }
};
