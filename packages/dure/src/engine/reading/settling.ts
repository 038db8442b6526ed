import { isDureError } from '../../kernel/error.ts'
import type { World } from '../../kernel/world.ts'
import type { RemoteSource } from '../bus/remote-source.ts'

/** Between two tries to ask a context that cannot be asked now. */
const againMs = 250

interface Settling {
  /** Contexts that run elsewhere. */
  readonly elsewhere: readonly RemoteSource[]
  readonly world: World
  readonly stopped: () => boolean
  /** Lets everything here meet what is stored now. */
  readonly pass: () => Promise<void>
  /** How far the logs have come that are read here. */
  readonly marks: () => readonly number[]
}

/**
 * Waits until nothing follows from anything any more, here and in the contexts elsewhere: each in turn is let meet all that
 * is stored, until no log has moved in two rounds.
 */
export async function settle(it: Settling): Promise<void> {
  let before = ''
  for (let quiet = 0; quiet < 2 && !it.stopped();) {
    await it.pass()
    const marks = [...it.marks()]
    for (const source of it.elsewhere) marks.push(await markOf(source, it))
    quiet = marks.join() === before ? quiet + 1 : 0
    before = marks.join()
  }
}

async function markOf(source: RemoteSource, { world, stopped }: Settling): Promise<number> {
  while (!stopped()) {
    try {
      return await source.settled()
    } catch (error) {
      if (!isDureError(error) || error.kind !== 'unavailable') throw error
      await new Promise<void>((resolve) => world.after(againMs, resolve))
    }
  }
  return 0
}
