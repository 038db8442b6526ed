import { createHash } from 'node:crypto'
import { readFileSync, watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'

/** Editors write a file in several steps, and a checkout writes many files. */
const SETTLE_MS = 80

/**
 * Watches files by their folders, because editors replace a file by another of its name. What counts is the content: a file
 * that was only touched has not changed, and one that does not exist yet changes when it appears.
 */
export class FileWatch {
  readonly #folders = new Map<string, FSWatcher>()
  readonly #content = new Map<string, string>()
  readonly #changed = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #wake: (() => void) | undefined

  /** Watches these files from now on, and no others. */
  set(files: readonly string[]): void {
    const wanted = new Set(files.map((file) => dirname(file)))
    for (const [folder, watcher] of this.#folders) if (!wanted.has(folder)) this.#drop(folder, watcher)
    for (const folder of wanted) if (!this.#folders.has(folder)) this.#add(folder)
    for (const file of this.#content.keys()) if (!files.includes(file)) this.#content.delete(file)
    // A file that is known keeps its content: a change since the last look is still news.
    for (const file of files) if (!this.#content.has(file)) this.#content.set(file, contentOf(file))
    this.#look()
  }

  /** Resolves with the files that have changed since this was last asked, as soon as there is one. */
  async changed(): Promise<readonly string[]> {
    if (this.#changed.size === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    const files = [...this.#changed].toSorted()
    this.#changed.clear()
    return files
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const [folder, watcher] of this.#folders) this.#drop(folder, watcher)
  }

  #add(folder: string): void {
    try {
      const watcher = watch(folder, () => this.#soon())
      watcher.on('error', () => this.#drop(folder, watcher))
      this.#folders.set(folder, watcher)
    } catch {
      // A folder that does not exist yet; the next start looks again.
    }
  }

  #drop(folder: string, watcher: FSWatcher): void {
    watcher.close()
    this.#folders.delete(folder)
  }

  #soon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(), SETTLE_MS)
  }

  #look(): void {
    for (const [file, before] of this.#content) {
      const now = contentOf(file)
      if (now === before) continue
      this.#content.set(file, now)
      this.#changed.add(file)
    }
    if (this.#changed.size > 0) this.#wake?.()
  }
}

function contentOf(file: string): string {
  try {
    return createHash('sha1').update(readFileSync(file)).digest('base64')
  } catch {
    return 'none'
  }
}
