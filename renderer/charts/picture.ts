/** A chart as a PNG, whether it is a canvas or the page's own lines, on the page's surface and at twice its size. */

const SCALE = 2;
const PADDING = 12;
/** What a line or a text looks like depends on the page's styles, which a picture of its own does not have. */
const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-opacity',
  'stroke-linejoin',
  'paint-order',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
] as const;

/** Draws every canvas and picture inside `frame` where it stands. Throws when there is nothing to draw. */
export async function pngOf(frame: HTMLElement): Promise<Blob> {
  const parts = [...frame.querySelectorAll<HTMLCanvasElement | SVGSVGElement>('canvas, svg')].filter(
    (part) => part.getBoundingClientRect().width > 0 && part.closest('button') === null,
  );
  if (parts.length === 0) throw new Error('There is no picture here: show the chart first.');
  const box = frame.getBoundingClientRect();
  const canvas = document.createElement('canvas');
  canvas.width = (box.width + 2 * PADDING) * SCALE;
  canvas.height = (box.height + 2 * PADDING) * SCALE;
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.scale(SCALE, SCALE);
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--surface').trim();
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (const part of parts) {
    const at = part.getBoundingClientRect();
    context.drawImage(
      part instanceof HTMLCanvasElement ? part : await imageOf(part),
      at.left - box.left + PADDING,
      at.top - box.top + PADDING,
      at.width,
      at.height,
    );
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be written.'))),
      'image/png',
    ),
  );
}

async function imageOf(svg: SVGSVGElement): Promise<HTMLImageElement> {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll('*')];
  const to = [copy, ...copy.querySelectorAll('*')] as SVGElement[];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of STYLES) to[i]?.setAttribute(name, style.getPropertyValue(name));
    to[i]?.removeAttribute('style');
  });
  const { width, height } = svg.getBoundingClientRect();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width * SCALE));
  copy.setAttribute('height', String(height * SCALE));
  if (!copy.hasAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}
