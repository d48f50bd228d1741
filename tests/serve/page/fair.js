/** Returns what a visitor could not name, read or hit on the page as it is. */
({ contrast, target }) => {
  const seen = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const told = (what, element) => `${what}: ${element.outerHTML.slice(0, 90)}`;

  const name = (element) => {
    const texts = (all) => [...all].map((one) => one?.textContent ?? "").join("");
    const ids = (element.getAttribute("aria-labelledby") ?? "").split(" ");
    return (
      element.getAttribute("aria-label") ||
      texts(ids.map((id) => document.getElementById(id))) ||
      texts(element.labels ?? []) ||
      element.textContent
    ).trim();
  };
  const controls = [...document.querySelectorAll("button, input, select, a, summary")];
  const nameless = controls
    .filter((element) => element.checkVisibility() && !name(element))
    .map((element) => told("nameless", element));
  const blind = [...document.querySelectorAll("img:not([alt])")].map((image) =>
    told("no alt", image),
  );

  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const wall = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const light = (colour) => {
    const [red, green, blue] = colour
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    // The song's captions stand on the sleeve, which is not behind them in the tree.
    const apart = ".unseen, .skip, option, noscript, .wave, :disabled";
    if (!texts.currentNode.textContent.trim() || !seen(element) || element.closest(apart))
      continue;
    const lights = [light(rgba(getComputedStyle(element).color)), light(wall(element))];
    const [less, more] = lights.sort((one, other) => one - other);
    const found = (more + 0.05) / (less + 0.05);
    if (found < contrast) faint.push(told(`contrast ${found.toFixed(2)}`, element));
  }

  const small = controls
    .filter((element) => seen(element) && !element.closest(".skip, .unseen, .check, .thumb"))
    .filter((element) => {
      const { width, height } = element.getBoundingClientRect();
      return Math.min(width, height) < target - 0.5;
    })
    .map((element) => told("small", element));

  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  const twice = ids.filter((id, n) => ids.indexOf(id) !== n).map((id) => `twice: ${id}`);
  const over = document.documentElement.scrollWidth - innerWidth;
  const wide = over > 0 ? [`${over} px wider than the window`] : [];
  return [...nameless, ...blind, ...faint, ...small, ...twice, ...wide];
}
