// The weights of a text, as the page holds them: a byte each, 255 times their square root.
bertml.AttentionWeights = class {
  static async open(data) {
    return new bertml.AttentionWeights(data, await bertml.unpack(data.weights));
  }

  constructor(data, levels) {
    this.tokens = data.tokens;
    this.layers = data.layers;
    this.heads = data.heads;
    this.sentenceBStart = data.sentenceBStart;
    this.levels = levels;
  }

  // The bytes of one head, row by row.
  matrix(layer, head) {
    const size = this.tokens.length ** 2;
    return this.levels.subarray((layer * this.heads + head) * size, (layer * this.heads + head + 1) * size);
  }

  weight(layer, head, from, to) {
    const size = this.tokens.length;
    return (this.levels[((layer * this.heads + head) * size + from) * size + to] / 255) ** 2;
  }

  // Which tokens attend and which are attended to, of a pair's filter: "all", or the texts from and to, as in "AB".
  rows(filter, side) {
    const all = this.tokens.map((_, i) => i);
    if (filter === "all") return all;
    const isB = filter[side === "from" ? 0 : 1] === "B";
    return all.filter((i) => i >= this.sentenceBStart === isB);
  }

  // The strongest of the weights that one token gives or gets, as the mean over the heads.
  strongest(layer, heads, side, token, others, count) {
    const mean = (other) => {
      const [from, to] = side === "from" ? [token, other] : [other, token];
      return heads.reduce((sum, head) => sum + this.weight(layer, head, from, to), 0) / heads.length;
    };
    return others
      .map((other) => ({ token: other, weight: mean(other) }))
      .sort((a, b) => b.weight - a.weight)
      .slice(0, count);
  }
};

// Draws the lines of heads between two columns of tokens, the strongest last.
// lines: the tokens of the rows (from, to), the height of a row, and the token that alone is drawn, if any (only).
bertml.drawAttentionLines = (drawing, weights, layer, heads, colours, width, lines) => {
  const faintest = 0.01;
  const steps = 24;
  const share = (lines.only ? 1.6 : 1) / Math.sqrt(heads.length);
  const paths = Array.from({ length: steps + 1 }, () => new Map()); // by opacity, then by head
  const chosen = (side, token) => lines.only?.side !== side || lines.only.token === token;
  for (const head of heads)
    lines.from.forEach((from, i) => {
      if (!chosen("from", from)) return;
      lines.to.forEach((to, j) => {
        if (!chosen("to", to)) return;
        const weight = weights.weight(layer, head, from, to);
        if (weight < faintest) return;
        const step = paths[Math.ceil(weight * steps)];
        if (!step.has(head)) step.set(head, new Path2D());
        step.get(head).moveTo(0, (i + 0.5) * lines.height);
        step.get(head).lineTo(width, (j + 0.5) * lines.height);
      });
    });
  paths.forEach((step, i) => {
    drawing.globalAlpha = Math.min(1, (i / steps) * share);
    for (const [head, path] of step) {
      drawing.strokeStyle = colours(head);
      drawing.stroke(path);
    }
  });
  drawing.globalAlpha = 1;
};

// Draws a head's matrix, a pixel a weight; the canvas is stretched by its style.
bertml.drawAttentionMatrix = (canvas, weights, layer, head, sequence) => {
  const size = weights.tokens.length;
  canvas.width = canvas.height = size;
  const drawing = canvas.getContext("2d");
  const image = drawing.createImageData(size, size);
  weights.matrix(layer, head).forEach((level, i) => image.data.set([...sequence[level], 255], 4 * i));
  drawing.putImageData(image, 0, 0);
};
