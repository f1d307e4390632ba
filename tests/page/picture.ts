import { Buffer } from "node:buffer";
import { writeFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";
import type { Page } from "playwright-core";

/** Decodes a picture, in the page, as Deno and Node cannot; its pixels come back as a data URL. */
const DECODE = `async (url) => {
  const image = await createImageBitmap(await (await fetch(url)).blob());
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ width, height, pixels: reader.result });
    reader.readAsDataURL(new Blob([data]));
  });
}`;

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: string;
}

/** Writes all of a page as a picture; half as large as a browser makes it, for a README. */
export async function savePicture(page: Page, path: string): Promise<void> {
  const screenshot = await page.screenshot({ fullPage: true });
  const url = JSON.stringify(`data:image/png;base64,${screenshot.toString("base64")}`);
  const { width, height, pixels }: Picture = await page.evaluate(`(${DECODE})(${url})`);
  const rgba = Buffer.from(pixels.replace(/^.*,/, ""), "base64");
  await writeFile(path, encodePng(width, height, rgba));
}

function encodePng(width: number, height: number, rgba: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits for each of red, green and blue.
  header.set([8, 2], 8);
  // Each row begins with its filter: none.
  const stride = 1 + 3 * width;
  const rows = Buffer.alloc(stride * height);
  for (let n = 0; n < width * height; n++) {
    const start = Math.floor(n / width) * stride + 1 + (n % width) * 3;
    for (let part = 0; part < 3; part++) rows[start + part] = rounded(rgba[4 * n + part] ?? 0);
  }
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Every second value is enough for the eye, and repeats more often. */
function rounded(value: number): number {
  return value & ~1;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const result = Buffer.alloc(body.length + 8);
  result.writeUInt32BE(data.length, 0);
  result.set(body, 4);
  result.writeUInt32BE(crc32(body), body.length + 4);
  return result;
}
