import { type Clock, isId, newId, STROOPS_MAX } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import { type PublishConflict, PublishReceivers } from '@libs/receivers';

import { DisbursementMoves } from '../disbursement-moves.repository';
import { csvRecords } from './csv-records';
import {
  bringsAddresses,
  type ColumnPlaces,
  contactColumnOf,
  readHeader,
} from './instruction-columns.policy';
import { InstructionReader, type ReadLine } from './instruction.policy';
import type { InstructionsFile } from './instructions-file';
import { LineMistakes } from './line-mistakes';
import { PublishPayments } from './publish-payments.repository';
import { UnreadableFileError, UploadRefusedError, type UploadRefusal } from './upload.errors';
import { UploadStage } from './upload-stage.repository';
import type { UploadsRepository, UploadTarget } from './uploads.repository';

/** A file of a million rows takes longer than any other statement may. */
const PUBLISH_TIMEOUT_MS = 600_000;
/** The header is the first line. */
const FIRST_LINE = 2;

const UNREADABLE = 'could not parse csv file';

export interface PublishOrder {
  readonly disbursementId: string;
  readonly file: InstructionsFile;
}

/**
 * Publishes the file of a disbursement: `publish(tx, { disbursementId, file })` inside the caller's database
 * transaction, after the file was received whole (`InstructionsFile.receive`). It resolves when everything is
 * written, and throws `UploadRefusedError` when the file is refused: let that leave `UnitOfWork.run`, so that nothing
 * stays, and answer its `refusal`. `POST /disbursements/{id}/instructions` calls it alone; the multipart form of
 * `POST /disbursements` calls it behind the creation, in the same database transaction.
 *
 * Until the whole file is checked, only a TEMP table is written and no row is locked. Everything is keyed by sets, so
 * the number of statements does not depend on the size of the file, and a rerun after a deadlock reads the file anew.
 */
export class InstructionsUpload {
  private readonly moves = new DisbursementMoves();
  private readonly receivers = new PublishReceivers();
  private readonly payments = new PublishPayments();

  constructor(
    private readonly uploads: UploadsRepository,
    private readonly clock: Clock,
    /** Keys the hashes of verification values. */
    private readonly pepper: Uint8Array,
  ) {}

  /** What the disbursement asks of a file, before one is received. Throws `UploadRefusedError` when it takes none. */
  async target(tx: TenantTx, disbursementId: string): Promise<UploadTarget> {
    return openTarget(isId(disbursementId) ? await this.uploads.target(tx, disbursementId, 'look') : null);
  }

  async publish(tx: TenantTx, { disbursementId, file }: PublishOrder): Promise<void> {
    const kind = await this.target(tx, disbursementId);
    const { rowsMax } = await this.uploads.limits(tx);
    await tx.takeTime(PUBLISH_TIMEOUT_MS);
    const totals = await this.stage(tx, { file, kind, rowsMax });
    const target = openTarget(await this.uploads.target(tx, disbursementId, 'lock'));
    const conflict = await this.receivers.publish(tx, {
      contact: contactColumnOf(target) === 'phone' ? 'phone_number' : 'email',
      walletId: target.walletId,
      verificationField: bringsAddresses(target) ? null : target.verificationField,
      knownAddresses: bringsAddresses(target),
    });
    if (conflict !== null) throw new UploadRefusedError(refusalOf(conflict));
    const upload = { id: newId(), rows: totals.rows, total: totals.amount };
    const { fileName } = target;
    const differences = fileName === null ? null : await this.payments.differences(tx, target.id, fileName);
    await this.payments.publish(tx, target, upload);
    await this.uploads.replace(tx, target.id, { ...upload, file, differences });
    await this.moves.move(tx, 'upload', target.id);
  }

  /** Copies and checks the whole file. Throws when anything is wrong with it. */
  private async stage(
    tx: TenantTx,
    given: { readonly file: InstructionsFile; readonly kind: UploadTarget; readonly rowsMax: number },
  ): Promise<{ readonly rows: number; readonly amount: bigint }> {
    const { kind, rowsMax } = given;
    const mistakes = new LineMistakes();
    const lines = linesOf(given.file, { kind, rowsMax, mistakes, today: this.clock.now() });
    const { verificationField: field } = kind;
    const withContact = field !== null && (await this.receivers.asksForContactHmac(tx, field));
    const secrets = { pepper: this.pepper, withContact };
    const stage = await filled(UploadStage.fill(tx, lines, { kind, secrets }));
    await stage.findDuplicates(mistakes);
    if (contactColumnOf(kind) === 'phone') await stage.findUnknownNumbers(mistakes);
    if (mistakes.count > 0) throw refused(UNREADABLE, mistakes.toExtras());
    const totals = await stage.totals();
    if (totals.rows === 0) throw refused(UNREADABLE, { instructions: 'no valid instructions found' });
    if (totals.amount > STROOPS_MAX) {
      throw refused(UNREADABLE, { instructions: 'the sum of all amounts is more than the ledger can hold' });
    }
    return totals;
  }
}

interface Reading {
  readonly kind: UploadTarget;
  readonly rowsMax: number;
  readonly mistakes: LineMistakes;
  readonly today: Date;
}

/** Reads the header, then line by line. A line is numbered as a person counts them who opens the file as a table. */
async function* linesOf(
  file: InstructionsFile,
  { kind, rowsMax, mistakes, today }: Reading,
): AsyncGenerator<ReadLine & { readonly line: number }> {
  let reader: InstructionReader | null = null;
  let rows = 0;
  for await (const cells of csvRecords(file.open())) {
    if (reader === null) {
      reader = new InstructionReader(kind, placesOf(cells, kind), mistakes, today);
      continue;
    }
    rows += 1;
    if (rows > rowsMax) {
      if (mistakes.count > 0) throw refused(UNREADABLE, mistakes.toExtras());
      throw refused(`number of instructions exceeds maximum of ${String(rowsMax)}`);
    }
    const line = rows - 1 + FIRST_LINE;
    yield { line, ...reader.read(line, cells) };
  }
  if (reader === null) throw new UnreadableFileError('The file is empty.');
}

function placesOf(header: readonly string[], kind: UploadTarget): ColumnPlaces {
  const places = readHeader(header, kind);
  if (places.ok) return places.value;
  const { text, details } = places.error;
  throw refused(text, details === undefined ? undefined : { details });
}

async function filled(stage: Promise<UploadStage>): Promise<UploadStage> {
  try {
    return await stage;
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    throw refused(UNREADABLE, { file: 'could not parse file', details: error.details });
  }
}

const refused = (error: string, extras?: Readonly<Record<string, string>>): UploadRefusedError =>
  new UploadRefusedError({ status: 400, error, ...(extras === undefined ? {} : { extras }) });

function openTarget(target: UploadTarget | null): UploadTarget {
  if (target === null) throw refused('disbursement ID is invalid');
  if (target.status !== 'DRAFT' && target.status !== 'READY') {
    throw refused('disbursement is not in draft or ready status');
  }
  return target;
}

function refusalOf(conflict: PublishConflict): UploadRefusal {
  switch (conflict.kind) {
    case 'verification':
      return {
        status: 400,
        error: `receiver verification mismatch: receiver verification for ${conflict.contact} doesn't match. Check instruction with ID ${conflict.externalId}`,
      };
    case 'address':
      return {
        status: 400,
        error: `receiver wallet address mismatch: receiver wallet address mismatch for receiver with ID ${conflict.receiverId}`,
      };
    case 'address_taken':
      return {
        status: 409,
        error: `wallet address ${conflict.address} is already registered to another receiver: wallet address already in use`,
      };
  }
}
