import {
  type Check,
  hasShape,
  isAnything,
  isCount,
  isFlag,
  isOneOf,
  isRecord,
  isText,
  listOf,
  optional,
  type Shape,
  type Shapes,
} from "./shapes.ts";

/**
 * An error as it crosses to the caller.
 *
 * The platform's own clone keeps class, message and stack of some classes and
 * loses the rest. Here errors are nodes of a graph, which causes, aggregates
 * and properties point into, so that cycles survive as well.
 */
export interface ErrorRecord {
  readonly root: EncodedValue;
  readonly nodes: readonly EncodedNode[];
}

/** A value within an {@linkcode ErrorRecord}: what the platform clones as it is, or a node. */
export type EncodedValue = { readonly value: unknown } | { readonly node: number };

/** An error, or an array or plain object that holds one somewhere. */
export type EncodedNode = ErrorNode | ListNode | ObjectNode;

interface ErrorNode extends ObjectProperties {
  readonly kind: "error";
  readonly className: string;
  readonly stack: string | undefined;
  /** A DOMException crosses whole, and only the platform can make one. */
  readonly platformError: unknown;
}

interface ListNode extends ObjectProperties {
  readonly kind: "list";
  readonly length: number;
}

interface ObjectNode extends ObjectProperties {
  readonly kind: "object";
}

interface ObjectProperties {
  readonly properties: readonly EncodedProperty[];
}

/** An own property of a node. */
export interface EncodedProperty {
  readonly key: string;
  readonly value: EncodedValue;
  readonly enumerable: boolean;
}

/** Longest array there can be. */
const MAX_LENGTH = 2 ** 32 - 1;

/** Whether something that crossed is a record that can be decoded. */
export function isErrorRecord(data: unknown): data is ErrorRecord {
  if (!isRecord(data) || !Array.isArray(data["nodes"])) return false;
  const shapes = shapesOf(data["nodes"].length);
  return isEncodedValue(data["root"], data["nodes"].length) &&
    listOf((node) => isOneOf(node, shapes))(data["nodes"]);
}

/** The shapes of a record's nodes, of which there are so many to point at. */
function shapesOf(nodes: number): Shapes<EncodedNode> {
  const isValue: Check = (value) => isEncodedValue(value, nodes);
  const propertiesWith = (key: Check) => {
    const shape: Shape<EncodedProperty> = { key, value: isValue, enumerable: isFlag };
    return listOf((value) => hasShape(value, shape));
  };
  const properties = propertiesWith(isText);
  return {
    error: { className: isText, stack: optional(isText), platformError: isAnything, properties },
    list: { length: isLength, properties: propertiesWith(isKeyOfList) },
    object: { properties },
  };
}

function isLength(value: unknown): boolean {
  return isCount(value) && value <= MAX_LENGTH;
}

/** An array's length is a property that cannot be defined again. */
function isKeyOfList(key: unknown): boolean {
  return isText(key) && key !== "length";
}

function isEncodedValue(value: unknown, size: number): boolean {
  if (!isRecord(value)) return false;
  return "value" in value || (isCount(value["node"]) && value["node"] < size);
}
