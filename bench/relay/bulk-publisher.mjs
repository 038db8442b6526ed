const PATIENCE_MS = 10_000
const encoder = new TextEncoder()
const FAILED = encoder.encode('{"error"')

/**
 * Publishes many messages at once by hand: all ask for their acknowledgement at one reply subject, where they are counted.
 * `publish` resolves when the stream has stored all of them.
 */
export function bulkPublisher(connection) {
  const inbox = `_INBOX.bench.${Math.random().toString(36).slice(2)}`
  const batches = new Map()
  let sent = 0
  const subscription = connection.subscribe(`${inbox}.*`, {
    callback(error, message) {
      const batch = batches.get(message.subject)
      if (batch === undefined) return
      if (error || message.data.length === 0 || isFailure(message.data)) {
        batch.fail(error ?? new Error(`not stored: ${message.string() || 'nobody listens'}`))
      } else if (--batch.waiting === 0) batch.done()
    },
  })

  return {
    /** Each message has a `subject`, an `id` for the broker to tell a repetition by, and a `body`. */
    publish(messages) {
      if (messages.length === 0) return Promise.resolve()
      const reply = `${inbox}.${sent++}`
      return new Promise((resolve, reject) => {
        const over = (then) => (value) => {
          clearTimeout(timer)
          batches.delete(reply)
          then(value)
        }
        const timer = setTimeout(() => batch.fail(new Error('not acknowledged in time')), PATIENCE_MS)
        const batch = { waiting: messages.length, done: over(resolve), fail: over(reject) }
        batches.set(reply, batch)
        for (const { subject, id, body } of messages) {
          connection.publish(subject, body, { reply, headers: idHeader(id) })
        }
      })
    },
    close: () => subscription.unsubscribe(),
  }
}

/** All that the client asks of headers is to be encoded; its own would be built, checked and joined for each message. */
function idHeader(id) {
  return { encode: () => encoder.encode(`NATS/1.0\r\nNats-Msg-Id: ${id}\r\n\r\n`) }
}

function isFailure(data) {
  return FAILED.every((byte, i) => data[i] === byte)
}
