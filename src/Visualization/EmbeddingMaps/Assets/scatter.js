// A map of texts: points on a canvas, a legend that hides classes, and the text of the point that is pointed at.
(() => {
  "use strict";
  const { element } = bertml;
  const reach = 14; // pixels within which a point is pointed at

  class Scatter {
    constructor(section) {
      const { title, classes } = bertml.data(section);
      this.classes = classes;
      this.hidden = new Set();
      this.chosen = null; // {group, index}
      this.canvas = element("canvas", { tabindex: 0, role: "img", "aria-label": `${title}: the arrow keys go from point to point` });
      this.readout = element("p", { class: "readout", "aria-live": "polite" });
      this.legend = element("div", { class: "controls legend", role: "group", "aria-label": "Classes" });
      classes.forEach((group, i) =>
        this.legend.append(
          element(
            "button",
            { type: "button", "aria-pressed": "true", style: `--colour:var(--series-${i % 12})`, onclick: (event) => this.toggle(i, event.currentTarget) },
            `${group.label} (${group.x.length})`,
          ),
        ),
      );
      section.append(this.legend, this.readout, this.canvas);
      this.canvas.addEventListener("pointermove", (event) => this.point(event));
      this.canvas.addEventListener("pointerdown", (event) => this.point(event));
      this.canvas.addEventListener("keydown", (event) => this.step(event));
      new ResizeObserver(() => this.draw()).observe(this.canvas);
      bertml.onTheme(() => this.draw());
      this.choose(null);
      section.dataset.ready = "";
    }

    toggle(i, button) {
      if (!this.hidden.delete(i)) this.hidden.add(i);
      button.setAttribute("aria-pressed", String(!this.hidden.has(i)));
      this.choose(null);
    }

    // All points that are shown, with their places on the canvas.
    *places() {
      for (const [group, { x, y }] of this.classes.entries()) {
        if (this.hidden.has(group)) continue;
        for (let index = 0; index < x.length; index++) yield { group, index, at: [this.scaleX(x[index]), this.scaleY(y[index])] };
      }
    }

    draw() {
      const width = this.canvas.clientWidth;
      if (!width) return;
      const height = Math.round(Math.min(width * 0.75, 720));
      const drawing = bertml.context(this.canvas, width, height);
      const margin = 12;
      const scale = (values, length) => {
        const [lowest, highest] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
        return (value) => margin + ((value - lowest) / (highest - lowest || 1)) * (length - 2 * margin);
      };
      const y = scale(this.classes.flatMap((group) => group.y), height);
      this.scaleX = scale(this.classes.flatMap((group) => group.x), width);
      this.scaleY = (value) => height - y(value);
      const count = this.classes.reduce((sum, group) => sum + group.x.length, 0);
      const radius = count > 2000 ? 2.5 : 4;
      drawing.clearRect(0, 0, width, height);
      drawing.globalAlpha = 0.75;
      for (const place of this.places()) this.dot(drawing, place, radius);
      drawing.globalAlpha = 1;
      for (const place of this.places())
        if (place.group === this.chosen?.group && place.index === this.chosen.index) {
          this.dot(drawing, place, radius + 3);
          drawing.lineWidth = 2;
          drawing.strokeStyle = bertml.colour("text");
          drawing.stroke();
        }
    }

    dot(drawing, { group, at }, radius) {
      drawing.fillStyle = bertml.series(group);
      drawing.beginPath();
      drawing.arc(at[0], at[1], radius, 0, 2 * Math.PI);
      drawing.fill();
    }

    point(event) {
      let nearest = null;
      let best = reach ** 2;
      for (const place of this.places()) {
        const distance = (place.at[0] - event.offsetX) ** 2 + (place.at[1] - event.offsetY) ** 2;
        if (distance <= best) [nearest, best] = [place, distance];
      }
      this.choose(nearest);
    }

    // The arrow keys go through the points from left to right, or from top to bottom.
    step(event) {
      const [axis, by] = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, -1], ArrowDown: [1, 1] }[event.key] ?? [];
      if (by === undefined) return;
      event.preventDefault();
      const places = [...this.places()].sort((a, b) => a.at[axis] - b.at[axis]);
      const at = places.findIndex((place) => place.group === this.chosen?.group && place.index === this.chosen.index);
      this.choose(places[Math.max(0, Math.min(places.length - 1, at + by))] ?? null);
    }

    choose(place) {
      this.chosen = place && { group: place.group, index: place.index };
      if (this.chosen) {
        const { label, texts } = this.classes[place.group];
        this.readout.replaceChildren(element("strong", {}, label), ` ${texts[place.index]}`);
      } else this.readout.textContent = "Point at a point to read its text. A class is hidden and shown by its name.";
      this.draw();
    }
  }

  for (const section of document.querySelectorAll(".scatter")) new Scatter(section);
})();
