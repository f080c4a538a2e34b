// The picture as a file: what the canvas shows, pixel for pixel, with the scale bar if wanted.
//
//   const png = await pictureOf(canvas, bar);      download(png, "embryo.png");

export interface DrawnBar {
  /** Canvas pixels. */
  length_px: number;
  words: string;
}

/** Of the picture's height: readable on a slide, and not in the way. */
const kMargin = 0.025;
const kLetters = 0.028;

export async function pictureOf(canvas: HTMLCanvasElement, bar: DrawnBar | null): Promise<Blob> {
  const copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height;
  const context = copy.getContext("2d", { alpha: false });
  if (context === null) throw new Error("this browser gives no 2D canvas context");
  context.drawImage(canvas, 0, 0);
  if (bar !== null) drawBar(context, bar, copy.height);
  return new Promise((resolve, reject) => copy.toBlob((blob) => (blob === null ? reject(new Error("the browser made no PNG")) : resolve(blob)), "image/png"));
}

function drawBar(context: CanvasRenderingContext2D, { length_px, words }: DrawnBar, height: number): void {
  const margin = Math.round(height * kMargin);
  const thick = Math.max(2, Math.round(height / 240));
  const top = height - margin - thick;
  // Readable on any picture: white within black.
  context.fillStyle = "#000";
  context.fillRect(margin - 1, top - 1, length_px + 2, thick + 2);
  context.fillStyle = "#fff";
  context.fillRect(margin, top, length_px, thick);
  context.font = `600 ${Math.round(height * kLetters)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.lineWidth = Math.max(2, thick);
  context.strokeStyle = "#000";
  context.strokeText(words, margin + length_px / 2, top - thick);
  context.fillText(words, margin + length_px / 2, top - thick);
}

export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken hold of it by the next turn; a minute is for slow disks' dialogs.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** "mri-stack z12.png": letters that every file system takes. */
export function fileName(parts: string[], extension: string): string {
  const words = parts.filter((part) => part !== "").join(" ").replace(/[^\p{L}\p{N} ._+-]/gu, "_").trim();
  return `${words === "" ? "ndcast" : words}.${extension}`;
}
