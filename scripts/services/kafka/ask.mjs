import { connect } from 'node:net'

const DEADLINE_MS = 2_000
const METADATA = 3
const VERSION = 4

// Metadata of no topic, which must not be made either.
const HEADER = [0, METADATA, 0, VERSION, 0, 0, 0, 1, 0xff, 0xff]
const QUESTION = Buffer.from([0, 0, 0, 15, ...HEADER, 0, 0, 0, 0, 0])

/** How many brokers the Kafka at a URL knows that are up and take requests. */
export function askKafka(url) {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let answer = Buffer.alloc(0)
    socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error('it did not answer in time')))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('it ended the connection')))
    socket.once('connect', () => socket.write(QUESTION))
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
      // Its size, then the number of the question and how long this one was throttled.
      if (answer.length < 16 || answer.length < 4 + answer.readInt32BE(0)) return
      resolve(answer.readInt32BE(12))
      socket.end()
    })
  })
}
