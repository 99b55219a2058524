import { HttpProblem } from '@libs/http';
import { Injectable } from '@nestjs/common';

/** Each may hold a connection to the database, or two, until its last row is with the client. */
const AT_ONCE_MAX = 3;
/** So that an organisation whose clients are slow leaves a place to the others. */
const AT_ONCE_OF_ONE_MAX = 2;
const RETRY_AFTER_SECONDS = 10;

/** Bounds how many downloads run at a time in this process, of all organisations and of one. */
@Injectable()
export class DownloadPlaces {
  private readonly taken = new Set<{ readonly tenantId: string }>();

  /** A place until what it returns is called. Throws a 429 where none is free. */
  enter(tenantId: string): () => void {
    const ofOne = [...this.taken].filter((place) => place.tenantId === tenantId);
    if (this.taken.size >= AT_ONCE_MAX || ofOne.length >= AT_ONCE_OF_ONE_MAX) throw othersAreRunning();
    const place = { tenantId };
    this.taken.add(place);
    return () => void this.taken.delete(place);
  }
}

export const othersAreRunning = (): HttpProblem =>
  new HttpProblem(429, { error: 'Other exports are still running. Please try again.' }, RETRY_AFTER_SECONDS);
