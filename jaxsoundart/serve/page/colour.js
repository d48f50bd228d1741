/** The page has no colour of its own: it takes one from the picture. */

const SIDE = 32;
const LEAST_CONTRAST = 5;
// Of the walls behind it, as in base.css: light, dark.
const WALLS = { light: [233, 234, 234], dark: [15, 16, 17] };

/** Colours the page by a loaded image; `null` makes it black and white again. */
export function colourBy(image) {
  const style = document.documentElement.style;
  const hue = image && prevailing(image);
  for (const scheme of ["light", "dark"]) {
    if (hue) style.setProperty(`--accent-${scheme}`, readable(hue, scheme));
    else style.removeProperty(`--accent-${scheme}`);
  }
}

/** Returns the mean colour of what is most colourful, or null for a grey picture. */
function prevailing(image) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0, SIDE, SIDE);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  const sums = Array.from({ length: 12 }, () => [0, 0, 0, 0]);
  for (let n = 0; n < data.length; n += 4) {
    const rgb = [data[n], data[n + 1], data[n + 2]];
    const weight = (Math.max(...rgb) - Math.min(...rgb)) / 255;
    const sum = sums[Math.floor(hueOf(rgb) / 30) % 12];
    rgb.forEach((value, channel) => (sum[channel] += weight * value));
    sum[3] += weight;
  }
  const [red, green, blue, weight] = sums.reduce((a, b) => (b[3] > a[3] ? b : a));
  if (weight < 0.02 * SIDE * SIDE) return null;
  const mean = [red / weight, green / weight, blue / weight];
  return { hue: hueOf(mean), saturation: Math.min(0.85, 0.25 + saturation(mean)) };
}

/** Returns a colour of that hue which can be read on the page's wall. */
function readable({ hue, saturation }, scheme) {
  const step = scheme === "light" ? -0.01 : 0.01;
  let lightness = scheme === "light" ? 0.5 : 0.6;
  let rgb = fromHsl(hue, saturation, lightness);
  while (contrast(rgb, WALLS[scheme]) < LEAST_CONTRAST) {
    lightness += step;
    rgb = fromHsl(hue, saturation, lightness);
  }
  return `rgb(${rgb.map(Math.round).join(" ")})`;
}

function hueOf([red, green, blue]) {
  const most = Math.max(red, green, blue);
  const range = most - Math.min(red, green, blue);
  if (!range) return 0;
  if (most === red) return (60 * ((green - blue) / range) + 360) % 360;
  if (most === green) return 60 * ((blue - red) / range) + 120;
  return 60 * ((red - green) / range) + 240;
}

function saturation(rgb) {
  const most = Math.max(...rgb);
  return most ? (most - Math.min(...rgb)) / most : 0;
}

function fromHsl(hue, saturation, lightness) {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  return [0, 8, 4].map((offset) => {
    const place = (offset + hue / 30) % 12;
    return 255 * (lightness - reach * Math.max(-1, Math.min(place - 3, 9 - place, 1)));
  });
}

/** Returns the contrast of two colours as WCAG 2 defines it, 1 to 21. */
export function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(rgb) {
  const [red, green, blue] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
