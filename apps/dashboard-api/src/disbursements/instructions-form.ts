import { type ExpectedFile, type InstructionsFile, type KeepPart, receiveFile } from '@libs/disbursements';
import { HttpProblem, StallWatch, whenBodyIsLost } from '@libs/http';
import busboy from 'busboy';
import type { Request } from 'express';
import type { Readable } from 'node:stream';

import { callerNow } from '../access/caller';

/** What a multipart request with a file of people holds. */
export interface InstructionsForm {
  /** The field `data`, where a disbursement is created with its file. */
  readonly data: string | null;
  readonly file: InstructionsFile;
}

export interface FormOptions {
  readonly bytesMax: number;
  /** How long the body may say nothing while we would read it. */
  readonly stallMs: number;
  readonly uploadId: string;
  readonly keep: KeepPart;
  readonly received?: (bytes: number) => void;
  /** To read the file while it comes. */
  readonly expected?: ExpectedFile | null;
}

const PARTS_MAX = 20;
const DATA_BYTES_MAX = 100_000;
const FILE_NAME_CHARACTERS_MAX = 255;

const refused = (error: string, extras?: Readonly<Record<string, string>>): HttpProblem =>
  new HttpProblem(400, { error, ...(extras === undefined ? {} : { extras }) });

const tooLarge = (bytesMax: number): HttpProblem =>
  refused('could not parse multipart form data', {
    details: `request too large. Max size ${String(bytesMax)} bytes.`,
  });

/**
 * Reads the fields `file` and `data` of a multipart body; what comes of the file is kept part by part. Throws the 400 of
 * everything that is wrong with the request before the file's content is looked at, a 415 for one that is encoded, a 408
 * when the sender says nothing for too long, and what the guard says of a sender who may no longer do this.
 */
export async function readInstructionsForm(
  request: Request,
  options: FormOptions,
): Promise<InstructionsForm> {
  refuseEncoded(request);
  // What the sender still has to say is read and thrown away, so that it gets to read our answer.
  const { parser, drain } = parserOf(request, options.bytesMax);
  const watch = new StallWatch(request, options.stallMs);
  const reading = new FormReading(request, parser, options);
  let form: InstructionsForm;
  try {
    if (Number(request.headers['content-length'] ?? 0) > options.bytesMax) throw tooLarge(options.bytesMax);
    form = await Promise.race([reading.read(), watch.stalled]);
  } catch (error) {
    drain();
    await reading.stop();
    throw error;
  } finally {
    watch.stop();
  }
  return form;
}

/** A few kilobytes on the line may be gigabytes unpacked, and nothing here unpacks what comes. */
function refuseEncoded(request: Request): void {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() === 'identity') return;
  request.resume();
  throw new HttpProblem(415, {
    error: `Content-Encoding ${encoding.slice(0, 100)} is not accepted for a form. Send the file as it is.`,
  });
}

function parserOf(request: Request, bytesMax: number): { parser: busboy.Busboy; drain: () => void } {
  try {
    const parser = busboy({
      headers: request.headers,
      // The name as it was sent, to see a path in it; names are not only Latin.
      preservePath: true,
      defParamCharset: 'utf8',
      limits: { fileSize: bytesMax, fieldSize: DATA_BYTES_MAX, parts: PARTS_MAX, fieldNameSize: 100 },
    });
    // Also for whoever gives up before it reads.
    parser.on('error', () => undefined);
    const drain = (): void => {
      request.unpipe(parser);
      request.resume();
    };
    return { parser, drain };
  } catch {
    request.resume();
    throw refused('could not parse multipart form data');
  }
}

class FormReading {
  private data: string | null = null;
  private file: Promise<InstructionsFile> | null = null;
  private fail: (error: unknown) => void = () => undefined;

  constructor(
    private readonly request: Request,
    private readonly parser: busboy.Busboy,
    private readonly options: FormOptions,
  ) {}

  async read(): Promise<InstructionsForm> {
    await new Promise<void>((resolve, reject) => {
      this.fail = reject;
      const broken = (): void => {
        reject(refused('could not parse multipart form data'));
      };
      this.parser.on('field', (name, value, { valueTruncated }) => {
        if (name !== 'data') return;
        if (valueTruncated) broken();
        else this.data = value;
      });
      this.parser.on('file', (field, stream, { filename }) => {
        // Whoever reads it is told as well; one that nobody reads must not end the process.
        stream.on('error', () => undefined);
        try {
          this.take(field, stream, filename);
        } catch (error) {
          stream.resume();
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      this.parser.on('error', broken);
      this.request.on('aborted', broken);
      this.request.on('error', broken);
      whenBodyIsLost(this.request, broken);
      this.parser.on('close', resolve);
      this.request.pipe(this.parser);
    });
    // All of it has come, though not all of it is read: whether its sender still may is asked meanwhile.
    const [file] = await Promise.all([this.file, callerNow(this.request)]);
    if (file === null) throw refused('could not parse file');
    if (file.sizeBytes >= this.options.bytesMax) throw tooLarge(this.options.bytesMax);
    return { data: this.data, file };
  }

  /** Resolves when nothing more of the file is kept. */
  async stop(): Promise<void> {
    this.parser.destroy();
    await this.file?.catch(() => undefined);
  }

  private take(field: string, stream: Readable, sentName: string): void {
    if (field !== 'file' || this.file !== null) {
      stream.resume();
      return;
    }
    const name = fileNameOf(sentName);
    const { uploadId, received, expected, bytesMax } = this.options;
    stream.once('limit', () => this.fail(tooLarge(bytesMax)));
    const keep: KeepPart = async (part, gzipped) => {
      try {
        await this.options.keep(part, gzipped);
      } catch (error) {
        // A file that cannot be kept must not leave the sender waiting.
        this.fail(error);
        throw error;
      }
    };
    this.file = receiveFile({ uploadId, name, received, expected }, stream, keep);
    // Awaited when the form is whole; a form that breaks off before is refused for that.
    this.file.catch(() => undefined);
  }
}

/** The last part of a path. Throws for what is no name of a CSV file. */
function fileNameOf(sentName: string): string {
  const name = sentName.slice(sentName.lastIndexOf('/') + 1);
  if (name.includes('..\\')) throw refused('file name contains invalid traversal pattern');
  if (!/\.csv$/i.test(name)) throw refused('the file extension should be .csv');
  if ([...name].length > FILE_NAME_CHARACTERS_MAX || name.includes('\0'))
    throw refused('could not parse file');
  return name;
}
