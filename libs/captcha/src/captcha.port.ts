/** `unreachable` is no permission: who asks for a captcha lets nobody in without an answer. */
export type CaptchaVerdict = 'human' | 'robot' | 'unreachable';

/** Who judges what a person's browser has got from a captcha. */
export interface CaptchaProvider {
  /** Never throws and never takes longer than some seconds. `address` is the client's. */
  verify(token: string, address: string): Promise<CaptchaVerdict>;
}
