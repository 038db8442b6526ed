import { connect } from 'node:net'

const DEADLINE_MS = 2_000

/** The text that a Redis answers to `INFO server`. */
export function askRedis(url) {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error('it did not answer in time')))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('it ended the connection')))
    socket.write('INFO server\r\n')
    socket.on('data', (chunk) => {
      text += chunk
      const length = /^\$(\d+)\r\n/.exec(text)
      if (!length || text.length < length[0].length + Number(length[1])) return
      resolve(text)
      socket.end()
    })
  })
}
