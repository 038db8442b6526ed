import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { fault } from '../../kernel/errors/fault.ts'
import type { ArchiveContents, ArchiveFile } from '../../ports/archive.ts'

/** Of which log a file is. */
export interface ArchiveOrigin {
  readonly system: string
  readonly context: string
}

/** What stands beside an archive, in a file of its own: the name of the archive and `.json`. */
interface Manifest extends ArchiveOrigin, ArchiveFile {
  readonly format: 1
  readonly epoch: string
  readonly from: number
  readonly to: number
  readonly bytes: number
  readonly writtenAt: string
}

/**
 * Writes events into a file of a folder, gzipped, a line each, and reads it back before it gets its name. No file that is
 * there is ever written over: another run over the same part, with other events, gets another name.
 * @throws DURE_ARCHIVE_FAILED
 */
export async function writeArchive(
  folder: string,
  origin: ArchiveOrigin,
  contents: ArchiveContents,
  now: Date,
): Promise<ArchiveFile> {
  const { from, to, epoch, lines } = contents
  const name = `${origin.context}-${epoch}-${from}-${to}`
  const part = join(folder, `${name}.${process.pid}.part`)
  try {
    await mkdir(folder, { recursive: true })
    await pipeline(Readable.from(terminated(lines)), createGzip(), createWriteStream(part, { mode: 0o600 }))
    await syncFile(part)
    const { events, sha256 } = await readBack(part, origin.context, contents)
    const { size: bytes } = await stat(part)
    const file = await named(folder, name, part, sha256)
    const writtenAt = now.toISOString()
    const manifest: Manifest = {
      format: 1,
      ...origin,
      file,
      epoch,
      from,
      to,
      events,
      sha256,
      bytes,
      writtenAt,
    }
    await writeManifest(join(folder, `${file}.json`), manifest)
    await syncFolder(folder)
    return { file, events, sha256 }
  } catch (error) {
    throw ofFiles(error, origin.context)
  } finally {
    await rm(part, { force: true }).catch(() => undefined) // a rest that nobody takes for an archive
  }
}

/**
 * The lines of an archive, and the digest of the file that they stand in.
 * @throws DURE_ARCHIVE_FAILED
 */
export async function readArchive(
  folder: string,
  file: string,
  context: string,
): Promise<{ readonly sha256: string; readonly lines: AsyncIterable<string> }> {
  const path = join(folder, file)
  try {
    return { sha256: await digestOf(path), lines: linesOf(path) }
  } catch (error) {
    throw ofFiles(error, context)
  }
}

async function* terminated(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const source = createReadStream(path)
  const unzipped = createGunzip()
  // What fails is thrown where the lines are read.
  source.on('error', (error) => unzipped.destroy(error))
  try {
    yield* createInterface({ input: source.pipe(unzipped), crlfDelay: Infinity })
    if (unzipped.errored) throw unzipped.errored
  } finally {
    source.destroy()
    unzipped.destroy()
  }
}

async function readBack(
  path: string,
  context: string,
  { from, to, events: expected }: ArchiveContents,
): Promise<{ readonly events: number; readonly sha256: string }> {
  let events = 0
  let last = from - 1
  for await (const line of linesOf(path)) {
    const { position } = JSON.parse(line) as { readonly position: number }
    if (!(position > last && position <= to)) {
      const reason = `what was written to ${path} reads otherwise, at event ${events + 1}`
      throw fault('DURE_ARCHIVE_FAILED', { context, reason })
    }
    last = position
    events++
  }
  if (events !== expected) {
    const reason = `of ${expected} events that were written to ${path}, ${events} are read back`
    throw fault('DURE_ARCHIVE_FAILED', { context, reason })
  }
  return { events, sha256: await digestOf(path) }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const some of createReadStream(path)) hash.update(some as Buffer)
  return hash.digest('hex')
}

/** Gives a file its name; the one that is there where it is the same, left by a run that was interrupted. */
async function named(folder: string, name: string, part: string, sha256: string): Promise<string> {
  for (let number = 1; ; number++) {
    const file = `${name}${number === 1 ? '' : `-${number}`}.jsonl.gz`
    const path = join(folder, file)
    try {
      await (await open(path, 'wx')).close()
      await rename(part, path)
      return file
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if ((await digestOf(path)) === sha256) return file
    }
  }
}

async function writeManifest(path: string, manifest: Manifest): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Names are durable with their folder. Windows has no such thing, and refuses to open one. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** What the file system or gzip says is about the file; all else is what it was. */
function ofFiles(error: unknown, context: string): unknown {
  const { syscall, code, message } = error as NodeJS.ErrnoException
  const isZip = code?.startsWith('Z_') === true
  const isText = error instanceof SyntaxError
  if (syscall === undefined && !isZip && !isText) return error
  return fault('DURE_ARCHIVE_FAILED', { context, reason: message }, error)
}
