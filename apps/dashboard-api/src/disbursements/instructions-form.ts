import { InstructionsFile } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';
import busboy from 'busboy';
import type { Request } from 'express';
import type { Readable } from 'node:stream';

/** What a multipart request with a file of people holds. */
export interface InstructionsForm {
  /** The field `data`, where a disbursement is created with its file. */
  readonly data: string | null;
  readonly file: InstructionsFile;
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
 * Reads the fields `file` and `data` of a multipart body; the file is compressed as it comes. Throws the 400 of
 * everything that is wrong with the request before the file's content is looked at.
 */
export async function readInstructionsForm(request: Request, bytesMax: number): Promise<InstructionsForm> {
  // What the sender still has to say is read and thrown away, so that it gets to read our answer.
  const { parser, drain } = parserOf(request, bytesMax);
  try {
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax);
    return await new FormReading(request, parser, bytesMax).read();
  } catch (error) {
    drain();
    throw error;
  }
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

  constructor(
    private readonly request: Request,
    private readonly parser: busboy.Busboy,
    private readonly bytesMax: number,
  ) {}

  async read(): Promise<InstructionsForm> {
    await new Promise<void>((resolve, reject) => {
      const broken = (): void => {
        reject(refused('could not parse multipart form data'));
      };
      this.parser.on('field', (name, value, { valueTruncated }) => {
        if (name !== 'data') return;
        if (valueTruncated) broken();
        else this.data = value;
      });
      this.parser.on('file', (field, stream, { filename }) => {
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
      this.parser.on('close', resolve);
      this.request.pipe(this.parser);
    });
    const file = await this.file;
    if (file === null) throw refused('could not parse file');
    if (file.sizeBytes >= this.bytesMax) throw tooLarge(this.bytesMax);
    return { data: this.data, file };
  }

  private take(field: string, stream: Readable, sentName: string): void {
    if (field !== 'file' || this.file !== null) {
      stream.resume();
      return;
    }
    const name = fileNameOf(sentName);
    this.file = InstructionsFile.receive(name, stream);
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
