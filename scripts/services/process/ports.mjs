import { createServer } from 'node:net'
import { Complaint } from '../../bootstrap/complaint.mjs'

// Below what the system hands out for outgoing connections: while a server is down, nothing else takes its
// port, and a client that keeps trying cannot be given the port itself and meet itself there.
const FIRST = 20_000
const COUNT = 10_000

/** A TCP port of 127.0.0.1 that nobody listens on. */
export async function freePort() {
  for (let tries = 0; tries < 100; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    if (await isFree(port)) return port
  }
  throw new Complaint(
    'DURE_REPO_NO_PORT',
    `found no free port between ${FIRST} and ${FIRST + COUNT}`,
    'stop some servers',
  )
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
