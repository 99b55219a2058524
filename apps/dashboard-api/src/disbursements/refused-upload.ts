import { UploadRefusedError } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';

/** Turns the refusal of a file into its answer. */
export async function answeringRefusals<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof UploadRefusedError)) throw error;
    const { status, ...body } = error.refusal;
    throw new HttpProblem(status, body);
  }
}
