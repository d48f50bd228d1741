/** The line across the empty sleeve: silence, until there is something to hear. */

const BARS = 96;
const REST = 0.012;
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Draws the line on `canvas`; what is returned says what it shows. */
export function line(canvas) {
  const context = canvas.getContext("2d");
  let heights = new Float32Array(BARS);
  let lit = 0;
  let mode = "rest";
  let frame = 0;

  function draw() {
    const { width, height } = canvas;
    const style = getComputedStyle(canvas);
    const pitch = width / BARS;
    const bar = Math.max(1, Math.round(pitch * 0.42));
    context.clearRect(0, 0, width, height);
    heights.forEach((value, n) => {
      const tall = Math.max(bar, Math.max(REST, value) * height);
      const share = (n + 0.5) / BARS;
      context.fillStyle = style.getPropertyValue(share <= lit ? "--lit" : "--unlit");
      context.fillRect(Math.round(n * pitch), (height - tall) / 2, bar, tall);
    });
  }

  function step(now) {
    if (mode === "wave" || mode === "hearing")
      heights = heights.map((value, n) => value + 0.2 * (aim(n, now) - value));
    draw();
    frame = mode === "rest" || still.matches ? 0 : requestAnimationFrame(step);
  }

  function aim(n, now) {
    const place = n / BARS;
    if (mode === "wave") return 0.16 + 0.14 * Math.sin(place * 19) * Math.sin(place * 7 + now / 500);
    // Hearing goes over the song from left to right, and again.
    const away = Math.abs(place - ((now / 2600) % 1.2) + 0.1);
    return 0.5 * Math.exp(-((away / 0.09) ** 2)) * (0.6 + 0.4 * Math.sin(n * 2.4));
  }

  function show(next, share = 0) {
    lit = share;
    if (next === "rest" || next === "sending") heights.fill(0);
    mode = next;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(step);
    if (still.matches && (next === "hearing" || next === "wave"))
      heights = heights.map((_, n) => 0.1 + 0.08 * Math.sin(n * 0.9) * Math.sin(n * 0.23));
  }

  new ResizeObserver(() => {
    const scale = devicePixelRatio;
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
    draw();
  }).observe(canvas);

  return {
    show,
    /** Adds a loudness, 0 to 1, at the right end while recording. */
    level(value) {
      heights.copyWithin(0, 1);
      heights[BARS - 1] = Math.sqrt(value);
      mode = "rest";
      lit = 1;
      draw();
    },
    redraw: draw,
  };
}
