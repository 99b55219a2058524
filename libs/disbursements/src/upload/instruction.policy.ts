import { type MemoType, type VerificationField } from '@libs/contracts';
import { parseAmount } from '@libs/kernel';
import { guessMemoType, isAccountAddress, isContractAddress, type Memo, parseMemo } from '@libs/ledger';
import { looksLikePhoneNumber, readEmail, verificationMistake } from '@libs/receivers';

import {
  bringsAddresses,
  type Column,
  type ColumnPlaces,
  contactColumnOf,
  type FileKind,
} from './instruction-columns.policy';
import { type Separator, USUAL_FORMAT } from './file-format';
import type { Mistakes } from './line-mistakes';

/** One line of a file: whom to pay how much. */
export interface Instruction {
  readonly line: number;
  /** The phone number or e-mail, normalised as it is stored with the receiver. */
  readonly contact: string;
  readonly externalId: string;
  /** In stroops. */
  readonly amount: bigint;
  readonly externalPaymentId: string | null;
  readonly verification: string | null;
  readonly stellarAddress: string | null;
  readonly memo: Memo | null;
}

/** What was read of a line: with mistakes in it, at most its contact, to find contacts that are there twice. */
export interface ReadLine {
  readonly contact: string | null;
  readonly instruction: Instruction | null;
}

const ID_CHARACTERS_MAX = 64;

export const PHONE_MISTAKE = 'invalid phone format. Correct format: +380445555555';
const AMOUNT_MISTAKE = 'invalid amount. Amount must be a positive number';
const COMMA_MISTAKE =
  'Commas are not accepted, because they stand for thousands to some and for decimals to others: write 1234.5 for one thousand two hundred thirty-four and a half';
const POINT_MISTAKE =
  'A point before three digits is not accepted where semicolons or tabs separate the cells, because it stands for thousands to some and for decimals to others: write 1234 where it is thousands, and 1.2340 where it is decimals';
/** 1.250 and 1.250.000, but neither 0.250 nor 1250.000. */
const GROUPED_BY_POINTS = /^[1-9][0-9]{0,2}(?:\.[0-9]{3})+$/;
const MEMO_MISTAKE =
  'invalid wallet address memo. For more information, visit https://docs.stellar.org/learn/encyclopedia/transactions-specialized/memos';

/** The field that a mistake in a verification value is reported under. */
const VERIFICATION_NAMES: Readonly<Record<VerificationField, string>> = {
  DATE_OF_BIRTH: 'date of birth',
  YEAR_MONTH: 'year/month',
  PIN: 'pin',
  NATIONAL_ID_NUMBER: 'national id',
};

/** Reads the lines of one file, one after the other, and collects what is wrong in them. */
export class InstructionReader {
  private readonly contactColumn: 'phone' | 'email';
  private readonly hasAddresses: boolean;

  constructor(
    private readonly kind: FileKind,
    private readonly places: ColumnPlaces,
    private readonly mistakes: Mistakes,
    /** Decides which dates lie in the future. */
    private readonly today: Date,
    /** What separates the cells of the file. */
    private readonly separator: Separator = USUAL_FORMAT.separator,
  ) {
    this.contactColumn = contactColumnOf(kind);
    this.hasAddresses = bringsAddresses(kind);
  }

  /** `cells` are trimmed. */
  read(line: number, cells: readonly string[]): ReadLine {
    const before = this.mistakes.count;
    const cell = (column: Column): string => {
      const place = this.places[column];
      return place === undefined ? '' : (cells[place] ?? '');
    };
    const externalId = this.text(line, 'id', cell('id'));
    if (externalId === '') this.mistakes.add(line, 'id', 'id cannot be empty');
    const amount = this.amount(line, cell('amount'));
    const contact = this.contact(line, cell(this.contactColumn));
    const externalPaymentId = this.text(line, 'paymentID', cell('paymentID'));
    const address = this.hasAddresses ? this.address(line, cell('walletAddress')) : null;
    const memo = address === null ? null : this.memo(line, cell('walletAddressMemo'));
    const verification = this.verification(line, cell('verification'));
    if (this.mistakes.count > before || contact === null || amount === null)
      return { contact, instruction: null };
    const instruction = {
      line,
      contact,
      externalId,
      amount,
      externalPaymentId: externalPaymentId === '' ? null : externalPaymentId,
      verification,
      stellarAddress: address,
      memo,
    };
    return { contact, instruction };
  }

  private amount(line: number, value: string): bigint | null {
    // Semicolons and tabs come from spreadsheets of all languages, of which many group thousands by points. Commas do not.
    const isUnclear = this.separator !== USUAL_FORMAT.separator && GROUPED_BY_POINTS.test(value);
    const amount = parseAmount(value);
    if (amount.ok && !isUnclear) return amount.value;
    this.mistakes.add(
      line,
      'amount',
      isUnclear ? `${AMOUNT_MISTAKE}. ${POINT_MISTAKE}` : amountMistake(value),
    );
    return null;
  }

  private text(line: number, column: 'id' | 'paymentID', value: string): string {
    // Characters as people and the database count them: an emoji is one.
    if (value.length > ID_CHARACTERS_MAX && [...value].length > ID_CHARACTERS_MAX) {
      this.mistakes.add(line, column, `${column} cannot exceed ${String(ID_CHARACTERS_MAX)} characters`);
    }
    return value;
  }

  private contact(line: number, value: string): string | null {
    if (value === '') {
      this.mistakes.add(line, this.contactColumn, `${this.contactColumn} cannot be empty`);
      return null;
    }
    if (this.contactColumn === 'phone') {
      if (looksLikePhoneNumber(value)) return value;
      this.mistakes.add(line, 'phone', PHONE_MISTAKE);
      return null;
    }
    const email = readEmail(value);
    if (email === null) this.mistakes.add(line, 'email', 'invalid email format');
    return email;
  }

  private address(line: number, value: string): string | null {
    const address = value.toUpperCase();
    if (isAccountAddress(address)) return address;
    this.mistakes.add(line, 'wallet address', addressMistake(address));
    return null;
  }

  private memo(line: number, value: string): Memo | null {
    if (value === '') return null;
    const type: MemoType = guessMemoType(value);
    const memo = parseMemo(type, value);
    if (memo.ok) return memo.value;
    this.mistakes.add(line, 'wallet address memo', MEMO_MISTAKE);
    return null;
  }

  private verification(line: number, value: string): string | null {
    const field = this.kind.verificationField;
    if (field === null || this.hasAddresses) return null;
    const mistake = verificationMistake(field, value, this.today);
    if (mistake !== null) this.mistakes.add(line, VERIFICATION_NAMES[field], mistake);
    return value;
  }
}

/** A comma is never guessed at: 1,000 is a thousand to some and one to others. */
const amountMistake = (amount: string): string =>
  /^[0-9.]+,[0-9.,]*$/.test(amount) ? `${AMOUNT_MISTAKE}. ${COMMA_MISTAKE}` : AMOUNT_MISTAKE;

function addressMistake(address: string): string {
  if (address === '') return 'wallet address cannot be empty';
  return isContractAddress(address)
    ? 'contract addresses are not supported yet'
    : 'invalid wallet address. Must be a valid Stellar public key or contract address';
}
