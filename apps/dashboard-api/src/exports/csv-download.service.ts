import { noteChange } from '@libs/identity';
import { Clock } from '@libs/kernel';
import type { Logger } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';
import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';

import type { Caller } from '../access/caller';
import { LOGGER } from '../platform.module';
import { DownloadPlaces, othersAreRunning } from './download-places';
import { DOWNLOAD_LIMITS, type DownloadLimits, DownloadWatch } from './download-watch';

const TURN_MS = 200;

/** Lines that end in CRLF, the first one, the header, not among them. By the signal they end without waiting for the next one. */
export type CsvLines = (signal: AbortSignal) => AsyncIterable<Buffer | string>;

export interface Download {
  readonly kind: 'audit' | 'disbursements' | 'payments' | 'receivers';
  /** What was asked for, for the audit log. */
  readonly asked: object;
  /** The first line, with its end. */
  readonly header: string;
  /** Calls `answer` with the lines, and keeps open what they are read from until it has ended. */
  readonly read: (answer: (lines: CsvLines) => Promise<void>) => Promise<void>;
}

/** Sends rows as a CSV file (RFC 4180) while they are read. */
@Injectable()
export class CsvDownload {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly places: DownloadPlaces,
    private readonly clock: Clock,
    @Inject(DOWNLOAD_LIMITS) private readonly limits: DownloadLimits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Throws a 429 when other downloads leave no room. One that cannot go on is broken off, and the log says why. */
  async send(caller: Caller, response: Response, download: Download): Promise<void> {
    // Behind another answer of its connection nobody takes a byte of it, nor is told that the client has left.
    if (!(await hasItsTurn(response))) throw othersAreRunning();
    const place = { tenantId: caller.tenant.id, kind: download.kind };
    const leave = this.places.enter(place.tenantId);
    // Its client may ask for the next one before what it was read from is put away.
    response.once('finish', leave);
    const watch = new DownloadWatch(response, this.limits, (reason) => {
      this.logger.warn(place, `an export was broken off: ${reason}`);
      breakOff(response);
    });
    try {
      await this.audit(caller, download);
      await download.read((lines) => this.answer(response, download, lines));
    } finally {
      watch.stop();
      leave();
    }
  }

  /** Before the first byte leaves: also of an export that is broken off something was seen. */
  private async audit({ context }: Caller, { kind, asked }: Download): Promise<void> {
    await this.unitOfWork.run(context, (tx) => {
      noteChange(tx, { subjectType: 'exports', subjectId: kind, before: null, after: asked });
      return Promise.resolve();
    });
  }

  private async answer(response: Response, { kind, header }: Download, lines: CsvLines): Promise<void> {
    const time = this.clock.now().toISOString().slice(0, 19).replace(/[T:]/g, '-');
    response.setHeader('Content-Type', 'text/csv');
    response.setHeader('Content-Disposition', `attachment; filename=${kind}_${time}.csv`);
    response.write(header);
    const { logger } = this;
    const gone = closingOf(response);
    const whole = async function* (): AsyncGenerator<Buffer | string> {
      try {
        yield* lines(gone);
      } catch (error) {
        if (!gone.aborted) logger.error({ kind, error }, 'an export was broken off: its rows were not read');
        breakOff(response);
        throw error;
      }
    };
    await pipeline(whole, response).catch((error: unknown) => {
      // Nobody is there any more who could be told.
      if (!gone.aborted) throw error;
    });
  }
}

/** A client may be quicker with its next request than we hear that the answer before is with it. */
async function hasItsTurn(response: Response): Promise<boolean> {
  if (response.socket === null)
    await once(response, 'socket', { signal: AbortSignal.timeout(TURN_MS) }).catch(() => undefined);
  return response.socket !== null;
}

function closingOf(response: Response): AbortSignal {
  const closing = new AbortController();
  if (response.closed) closing.abort();
  else response.once('close', () => closing.abort());
  return closing.signal;
}

/** By a reset: half a file must not look like a whole one, and to who asks by HTTP/1.0, as some proxies do, the end is where the bytes end. */
const breakOff = (response: Response): void => void response.socket?.resetAndDestroy();
