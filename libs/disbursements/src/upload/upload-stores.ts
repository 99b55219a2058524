import { HiddenRows } from '../hidden-rows.repository';
import type { UploadJobsRepository } from './upload-jobs.repository';
import type { UploadPartsRepository } from './upload-parts.repository';
import type { UploadsRepository } from './uploads.repository';

/** What is kept of uploads: which one a disbursement pays by, their bytes, and how far each is. */
export class UploadStores {
  readonly hidden = new HiddenRows();

  constructor(
    readonly uploads: UploadsRepository,
    readonly parts: UploadPartsRepository,
    readonly jobs: UploadJobsRepository,
  ) {}
}
