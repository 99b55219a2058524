import type { MemoType } from '@libs/contracts';
import { err, ok, type Result } from '@libs/kernel';

/** What travels with a ledger transaction. An id is decimal; a hash and a return hash are 64 lower-case hex digits. */
export interface Memo {
  readonly type: MemoType;
  readonly value: string;
}

export type MemoError =
  'memo_empty' | 'memo_text_too_long' | 'memo_text_not_unicode' | 'memo_id_not_uint64' | 'memo_hash_not_hex';

/** A text memo is at most 28 bytes of UTF-8: fourteen Cyrillic letters, seven emoji. */
export const MEMO_TEXT_BYTES_MAX = 28;
const UINT64_MAX = 18_446_744_073_709_551_615n;

const LONE_SURROGATE = /\p{Surrogate}/u;

const encoder = new TextEncoder();

/** Reads a memo as the ledger would take it; says why it would not. */
export function parseMemo(type: MemoType, value: string): Result<Memo, MemoError> {
  if (value === '') return err('memo_empty');
  switch (type) {
    case 'text': {
      if (LONE_SURROGATE.test(value)) return err('memo_text_not_unicode');
      return encoder.encode(value).length <= MEMO_TEXT_BYTES_MAX
        ? ok({ type, value })
        : err('memo_text_too_long');
    }
    case 'id': {
      const fits = /^[0-9]{1,20}$/.test(value) && BigInt(value) <= UINT64_MAX;
      return fits ? ok({ type, value: BigInt(value).toString() }) : err('memo_id_not_uint64');
    }
    case 'hash':
    case 'return':
      return /^[0-9a-fA-F]{64}$/.test(value)
        ? ok({ type, value: value.toLowerCase() })
        : err('memo_hash_not_hex');
  }
}

/** Which type a memo without a stated type most likely has: digits that fit are an id, 64 hex digits a hash. */
export function guessMemoType(value: string): MemoType {
  if (parseMemo('id', value).ok) return 'id';
  return parseMemo('hash', value).ok ? 'hash' : 'text';
}
