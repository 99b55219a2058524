import { readResult } from './result-codes';

/** What an unsuccessful answer names as the reason; empty when it names none. For counting only: it decides nothing. */
export function reasonIn(body: string): string {
  const content = objectOf(readJson(body));
  const { tx_status: status, error_result_xdr: result, extras } = content;
  if (typeof status === 'string' && status !== 'ERROR') return status;
  if (typeof result === 'string') return readResult(result)?.code ?? 'unreadable';
  const { transaction, inner_transaction: inner } = objectOf(objectOf(extras)['result_codes']);
  return [inner, transaction].find((code): code is string => typeof code === 'string') ?? '';
}

/** Whether a 503 or 504 is about one envelope, and says nothing about the node. */
export function isAboutOneEnvelope(body: string): boolean {
  const { tx_status: status, extras } = objectOf(readJson(body));
  return typeof status === 'string' || 'hash' in objectOf(extras);
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
