import { HiddenRows } from '../hidden-rows.repository';
import type { UploadJobsRepository } from './upload-jobs.repository';
import type { UploadPartsRepository } from './upload-parts.repository';
import { UploadRemains } from './upload-remains.repository';
import type { UploadsRepository } from './uploads.repository';

/** What is kept of uploads: which one a disbursement pays by, their bytes, how far each is, and what is left of them. */
export class UploadStores {
  readonly hidden = new HiddenRows();
  readonly remains = new UploadRemains();

  constructor(
    readonly uploads: UploadsRepository,
    readonly parts: UploadPartsRepository,
    readonly jobs: UploadJobsRepository,
  ) {}
}
