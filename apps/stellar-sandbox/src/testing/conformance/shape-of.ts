import { isRecord } from '../ledger-client';

/**
 * What a JSON answer looks like without its values: the type of each field. A list shows its first element, and a
 * list of operations one of each type.
 */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return shapeOfList(value);
  if (!isRecord(value)) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, shapeOf(field)]));
}

function shapeOfList(items: readonly unknown[]): unknown {
  const operations = items.filter(isRecord).filter((item) => item['type_i'] !== undefined);
  if (items.length === 0 || operations.length < items.length) return items.slice(0, 1).map(shapeOf);
  const byType = new Map<string, unknown>();
  for (const item of operations) {
    const name = `${String(item['type'])}${item['to_muxed'] === undefined ? '' : ' muxed'}`;
    if (!byType.has(name)) byType.set(name, shapeOf(item));
  }
  return { by_type: Object.fromEntries(byType) };
}
