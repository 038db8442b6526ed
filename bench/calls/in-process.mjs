import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const asker = fileURLToPath(new URL('asker.mjs', import.meta.url))
const kinds = ['dure', 'dure as copies', 'limit', 'moleculer']

/** A query of another context in the same process, one after the other; each contestant in a process of its own. */
export const inProcessCase = {
  name: 'in-process query, 1 in flight',
  unit: 'calls/s',
  async open() {
    const children = new Map()
    for (const kind of kinds) {
      const child = fork(asker, [kind])
      await once(child, 'message')
      children.set(kind, child)
      await round(child)
    }
    return {
      contestants: Object.fromEntries([...children].map(([kind, child]) => [kind, () => round(child)])),
      close: () => Promise.all([...children.values()].map(stop)),
    }
  },
}

async function round(child) {
  child.send('round')
  const [measured] = await once(child, 'message')
  return measured
}

async function stop(child) {
  const ended = once(child, 'exit')
  child.disconnect()
  await ended
}
