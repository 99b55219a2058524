import type { UploadJob } from '@libs/disbursements';

const FINAL: readonly string[] = ['PUBLISHED', 'REFUSED', 'LOST'];

/** Nothing will change any more. */
export const hasEnded = ({ state }: UploadJob): boolean => FINAL.includes(state);

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
    rows_per_second: job.seconds > 0 ? Math.round(job.rowsRead / job.seconds) : 0,
    started_at: job.startedAt,
    ended_at: job.endedAt,
    refusal: status === null ? null : { status, ...refusal },
  };
}
