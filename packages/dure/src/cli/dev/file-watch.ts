import { createHash } from 'node:crypto'
import { readFileSync, watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import { identityOf, toWatch } from './folders.ts'

/** Editors write a file in several steps, and a checkout writes many files. */
const SETTLE_MS = 80

interface Watched {
  readonly watcher: FSWatcher
  readonly identity: string
}

/**
 * Watches files by their folders, because editors replace a file by another of its name. What counts is the content: a file
 * that was only touched has not changed, and one that does not exist yet changes when it appears. A folder that is deleted,
 * moved or replaced takes its watcher with it; the one that is there next is watched as soon as it is.
 */
export class FileWatch {
  readonly #folders = new Map<string, Watched>()
  readonly #content = new Map<string, string>()
  readonly #changed = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #wake: (() => void) | undefined

  /** Watches these files from now on, and no others. */
  set(files: readonly string[]): void {
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
    for (const folder of this.#folders.keys()) this.#drop(folder)
  }

  /** Moves the watchers to the folders that are there now. */
  #follow(): void {
    const wanted = toWatch([...this.#content.keys()].map((file) => dirname(file)))
    for (const [folder, { identity }] of this.#folders) {
      if (!wanted.includes(folder) || identityOf(folder) !== identity) this.#drop(folder)
    }
    for (const folder of wanted) if (!this.#folders.has(folder)) this.#add(folder)
  }

  #add(folder: string): void {
    const identity = identityOf(folder)
    if (identity === undefined) return
    try {
      const watcher = watch(folder, (event, name) => {
        // It speaks of itself: it was deleted or moved, and a new one may well get the inode of the old.
        if (event === 'rename' && name === basename(folder)) this.#drop(folder)
        this.#soon()
      })
      watcher.on('error', () => {
        this.#drop(folder)
        this.#soon()
      })
      this.#folders.set(folder, { watcher, identity })
    } catch {
      // Gone in between; the folder above tells when it is there again.
    }
  }

  #drop(folder: string): void {
    this.#folders.get(folder)?.watcher.close()
    this.#folders.delete(folder)
  }

  #soon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(), SETTLE_MS)
  }

  #look(): void {
    this.#follow()
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
