import { connect } from 'node:net'

const INBOX = '_INBOX.dure.services'
const DEADLINE_MS = 2_000

const QUESTION = [
  'CONNECT {"verbose":false,"pedantic":false,"lang":"node","version":"0","protocol":1}',
  `SUB ${INBOX} 1`,
  `PUB $JS.API.INFO ${INBOX} 0`,
  '',
  'PING',
  '',
].join('\r\n')

/** Says hello to a NATS server: resolves to what it tells of itself, and to its JetStream account if it has one. */
export function askNats(url) {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error('it did not answer in time')))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('it ended the connection')))
    socket.on('data', (chunk) => {
      const greeted = text.includes('\r\n')
      text += chunk
      if (!greeted && text.includes('\r\n')) socket.write(QUESTION)
      const answer = readAnswer(text)
      if (!answer) return
      resolve(answer)
      socket.end()
    })
  })
}

function readAnswer(text) {
  const info = /^INFO (\{.*\})\s*\r\n/.exec(text)?.[1]
  const message = new RegExp(`MSG ${INBOX.replaceAll('.', '\\.')} 1 (\\d+)\\r\\n`).exec(text)
  // Without JetStream nobody answers the question, and the server says nothing of it.
  if (!info || !text.includes('PONG\r\n')) return undefined
  if (!message) return JSON.parse(info).jetstream ? undefined : { info: JSON.parse(info) }
  const begin = message.index + message[0].length
  const end = begin + Number(message[1])
  if (text.length < end) return undefined
  const reply = JSON.parse(text.slice(begin, end))
  return { info: JSON.parse(info), jetStream: reply.error ? undefined : reply }
}
