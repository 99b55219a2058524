import type { Logger } from '@libs/observability';

/** What an upload needs of its process. */
export class UploadProcess {
  constructor(
    readonly logger: Logger,
    /** How long a body may say nothing. */
    readonly stallMs: number,
  ) {}
}
