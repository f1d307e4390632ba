/** From so many bytes on, a copy that is handed over arrives sooner than one that the platform makes. */
const MIN_BYTES = 1 << 16;

const TypedArray = Object.getPrototypeOf(Uint8Array.prototype);

/** What typed arrays have in common that counts here. */
interface View extends ArrayBufferView<ArrayBuffer> {
  slice(): View;
}

/**
 * A copy that may be handed over, of a large typed array: then it is copied
 * once, and not into the message and out of it again.
 */
export function copyOfView(value: unknown): View | undefined {
  return isLargeView(value) ? value.slice() : undefined;
}

/** Whether a slice of something is what a structured clone would be: all of its memory, and not a subclass. */
function isLargeView(value: unknown): value is View {
  if (!ArrayBuffer.isView(value) || value.byteLength < MIN_BYTES) return false;
  const { buffer } = value;
  return buffer instanceof ArrayBuffer && !buffer.resizable &&
    value.byteLength === buffer.byteLength &&
    Object.getPrototypeOf(Object.getPrototypeOf(value)) === TypedArray;
}
