import { type FileFormat, type UploadJob, USUAL_FORMAT } from '@libs/disbursements';

const FINAL: readonly string[] = ['PUBLISHED', 'REFUSED', 'LOST'];

/** Nothing will change any more. */
export const hasEnded = ({ state }: UploadJob): boolean => FINAL.includes(state);

const SEPARATOR_NAMES: Readonly<Record<FileFormat['separator'], string>> = {
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
};

const formatJson = ({ separator, encoding }: FileFormat): object => ({
  separator: SEPARATOR_NAMES[separator],
  encoding,
});

/** What to tell of a file that was written in another way than with commas and in UTF-8; nothing of any other. */
export const unusualFormatJson = (format: FileFormat | null): object =>
  format === null ||
  (format.separator === USUAL_FORMAT.separator && format.encoding === USUAL_FORMAT.encoding)
    ? {}
    : { read_as: formatJson(format) };

/** How far an upload is, as the API shows it. */
export function uploadJson(disbursementId: string, job: UploadJob): object {
  const { status, ...refusal } = job.refusal ?? { status: null };
  return {
    id: job.id,
    disbursement_id: disbursementId,
    file_name: job.fileName,
    state: job.state,
    bytes_received: Number(job.bytesReceived),
    rows_read: job.rowsRead,
    rows_valid: job.rowsValid,
    rows_wrong: job.rowsWrong,
    read_as: job.format === null ? null : formatJson(job.format),
    rows_per_second: job.seconds > 0 ? Math.round(job.rowsRead / job.seconds) : 0,
    started_at: job.startedAt,
    ended_at: job.endedAt,
    refusal: status === null ? null : { status, ...refusal },
    errors_until: job.keptUntil,
  };
}
