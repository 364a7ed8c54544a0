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

// Draws the lines of heads between two columns of tokens, the strongest last. Of very many lines only the strongest are drawn, for the others could not be
// told apart.
// lines: the tokens of the rows (from, to), the height of a row, the token that alone is drawn, if any (only), and about how many lines at most (most).
// Returns how many lines were drawn and how many were not.
bertml.drawAttentionLines = (drawing, weights, layer, heads, colours, width, lines) => {
  const faintest = Math.ceil(255 * Math.sqrt(0.01)); // a level
  const steps = 24;
  const most = lines.most ?? 6000;
  const share = (lines.only ? 1.6 : 1) / Math.sqrt(heads.length);
  const chosen = (side) => lines[side].map((token, at) => [token, at]).filter(([token]) => lines.only?.side !== side || lines.only.token === token);
  const [from, to] = [chosen("from"), chosen("to")];
  const size = weights.tokens.length;
  const each = (visit) => {
    for (const head of heads) {
      const matrix = weights.matrix(layer, head);
      for (const [i, row] of from)
        for (const [j, column] of to) {
          const level = matrix[i * size + j];
          if (level >= faintest) visit(level, head, row, column);
        }
    }
  };
  const counts = new Uint32Array(256); // by level
  each((level) => counts[level]++);
  const all = counts.reduce((sum, count) => sum + count, 0);
  let least = 255;
  let drawn = counts[255];
  while (least > faintest && drawn < most) drawn += counts[--least]; // lines of one weight are all drawn, or none of them

  const paths = Array.from({ length: steps + 1 }, () => new Map()); // by opacity, then by head
  each((level, head, row, column) => {
    if (level < least) return;
    const step = paths[Math.ceil((level / 255) ** 2 * steps)];
    if (!step.has(head)) step.set(head, new Path2D());
    step.get(head).moveTo(0, (row + 0.5) * lines.height);
    step.get(head).lineTo(width, (column + 0.5) * lines.height);
  });
  paths.forEach((step, i) => {
    drawing.globalAlpha = Math.min(1, (i / steps) * share);
    for (const [head, path] of step) {
      drawing.strokeStyle = colours(head);
      drawing.stroke(path);
    }
  });
  drawing.globalAlpha = 1;
  return { drawn, hidden: all - drawn };
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
