import {
  type Check,
  hasShape,
  isCount,
  isFlag,
  isRecord,
  isText,
  listOf,
  optional,
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
  const size = data["nodes"].length;
  const isValue = (value: unknown) => isEncodedValue(value, size);
  const property = { key: isText, value: isValue, enumerable: isFlag };
  const isProperty: Check = (value) => hasShape<EncodedProperty>(value, property);
  return isValue(data["root"]) && listOf((node) => isNode(node, isProperty))(data["nodes"]);
}

function isNode(node: unknown, isProperty: Check): boolean {
  if (!isRecord(node) || !listOf(isProperty)(node["properties"])) return false;
  switch (node["kind"]) {
    case "error":
      return isText(node["className"]) && optional(isText)(node["stack"]);
    case "list":
      return isCount(node["length"]) && node["length"] <= MAX_LENGTH &&
        listOf((property) => isRecord(property) && property["key"] !== "length")(
          node["properties"],
        );
    default:
      return node["kind"] === "object";
  }
}

function isEncodedValue(value: unknown, size: number): boolean {
  if (!isRecord(value)) return false;
  return "value" in value || (isCount(value["node"]) && value["node"] < size);
}
