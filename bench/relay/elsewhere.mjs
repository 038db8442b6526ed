import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('relay-process.mjs', import.meta.url))

/** A process of its own whose host publishes what the context writes; resolves once it does. */
export async function relayElsewhere({ postgres, nats }, name) {
  const child = fork(file, [postgres.url, nats.url, name], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ended = once(child, 'exit')
  const failed = ended.then(([code]) => {
    throw new Error(`the process of the relay has ended with ${code}`)
  })
  await Promise.race([once(child, 'message'), failed])
  failed.catch(() => undefined)
  return {
    async close() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
