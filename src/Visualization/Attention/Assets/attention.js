// Puts the two views and their controls into each attention section of the page.
(() => {
  "use strict";
  const { element } = bertml;

  // Buttons of which one is chosen, as a row.
  function choice(label, names, chosen, choose) {
    const buttons = names.map((name, i) =>
      element("button", { type: "button", tabindex: i === chosen ? 0 : -1, "aria-pressed": String(i === chosen), onclick: () => choose(i) }, name),
    );
    const group = element("div", { class: "group", role: "group", "aria-label": label }, element("span", { class: "label" }, label), ...buttons);
    bertml.arrowKeys(group, () => buttons, "horizontal");
    const show = (index) => buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)));
    return { group, show };
  }

  async function open(section) {
    const weights = await bertml.AttentionWeights.open(bertml.data(section));
    const allHeads = Array.from({ length: weights.heads }, (_, head) => head);
    const state = { view: 0, layer: 0, heads: new Set(allHeads), filter: "all", thumbnails: "lines" };
    const headView = new bertml.HeadView(weights, state);
    const modelView = new bertml.ModelView(weights, state, (layer, head) => {
      state.heads = new Set([head]);
      showHeads();
      chooseLayer(layer);
      chooseView(0);
    });

    const views = choice("View", ["Heads", "Model"], 0, chooseView);
    const layers = choice("Layer", weights.layers.map(String), 0, chooseLayer);
    const thumbnails = choice("Pictures", ["Lines", "Matrices"], 0, (i) => {
      state.thumbnails = ["lines", "matrices"][i];
      thumbnails.show(i);
      modelView.draw();
    });

    const headButtons = allHeads.map((head) =>
      element(
        "button",
        { type: "button", class: "head", style: `--head:var(--series-${head % 12})`, onclick: () => toggle(head), ondblclick: () => only([head]) },
        String(head),
      ),
    );
    const heads = element(
      "div",
      { class: "group", role: "group", "aria-label": "Heads", title: "A double click shows one head alone" },
      element("span", { class: "label" }, "Heads"),
      ...headButtons,
      element("button", { type: "button", onclick: () => only(allHeads) }, "All"),
      element("button", { type: "button", onclick: () => only([]) }, "None"),
    );

    const pairs = [
      ["all", "all tokens"],
      ["AA", "first text → first text"],
      ["AB", "first text → second text"],
      ["BA", "second text → first text"],
      ["BB", "second text → second text"],
    ];
    const filter = element(
      "select",
      { onchange: () => ((state.filter = filter.value), headView.list()) },
      ...pairs.map(([value, name]) => element("option", { value }, name)),
    );
    const pair = element("label", {}, element("span", { class: "label" }, "Show"), filter);

    function toggle(head) {
      if (!state.heads.delete(head)) state.heads.add(head);
      showHeads();
      headView.draw();
    }

    function only(chosen) {
      state.heads = new Set(chosen);
      showHeads();
      headView.draw();
    }

    function showHeads() {
      headButtons.forEach((button, head) => button.setAttribute("aria-pressed", String(state.heads.has(head))));
    }

    function chooseLayer(layer) {
      state.layer = layer;
      layers.show(layer);
      headView.draw();
    }

    function chooseView(view) {
      state.view = view;
      views.show(view);
      for (const node of [headView.node, layers.group, heads]) node.hidden = view !== 0;
      pair.hidden = view !== 0 || weights.sentenceBStart == null;
      for (const node of [modelView.node, thumbnails.group]) node.hidden = view !== 1;
      if (view === 0) headView.draw();
      else modelView.draw();
    }

    const controls = element("div", { class: "controls" }, views.group, layers.group, heads, pair, thumbnails.group);
    section.append(controls, headView.node, modelView.node);
    showHeads();
    chooseView(0);
    headView.list();
    bertml.onTheme(() => (state.view === 0 ? headView.draw() : modelView.draw()));
    section.dataset.ready = performance.now().toFixed(); // milliseconds since the browser was asked for the page
  }

  for (const section of document.querySelectorAll(".attention")) open(section);
})();
